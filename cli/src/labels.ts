import type { Labels } from "@skypanel/contract/Worker"
import { Flag } from "effect/cli"
import type { Issue } from "./checked.ts"
import { readPairs } from "./pairs.ts"

export const labelFlag = Flag.String("label").pipe(
  Flag.withMetavar("NAME=VALUE"),
  Flag.atLeast(0),
  Flag.withDescription("Something to know the worker by, such as disk=ssd (repeatable)"),
)

/** What `--label` and `--remove-label` make of the labels that are there. */
export const changedLabels = (
  before: Labels,
  change: { readonly set: ReadonlyArray<string>; readonly remove: ReadonlyArray<string> },
  issues: Array<Issue>,
): Labels => {
  const labels = new Map(Object.entries(before))
  for (const name of change.remove) labels.delete(name)
  for (const [name, value] of readPairs("--label", change.set, issues)) labels.set(name, value)
  return Object.fromEntries(labels)
}
