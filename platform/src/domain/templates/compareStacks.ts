import { formatSize } from "@skypanel/contract/Resources"
import { describePort } from "@skypanel/contract/Service"
import { describeSource } from "@skypanel/contract/Source"
import type { StackPart } from "@skypanel/contract/Stack"
import type { PartDifference, StackDefinition, StackDifference } from "@skypanel/contract/StackTemplate"
import type { DiffLine } from "@skypanel/contract/Template"
import { changes } from "./compareVersions.ts"
import { shortDiff } from "./shortDiff.ts"

export interface NumberedStack {
  readonly number: number
  readonly definition: StackDefinition
}

const fieldsOf = ({ source, resources, volume, environment, ...part }: StackPart) => ({
  title: part.title,
  "made of": describeSource(source),
  ...(source._tag === "template"
    ? Object.fromEntries(
        Object.entries(source.options ?? {}).map(([name, value]) => [`option ${name}`, String(value)]),
      )
    : {}),
  public: part.public ? "yes" : "no",
  port: describePort(part.port),
  "health path": part.healthPath ?? "none",
  cpu: String(resources.cpu),
  memory: formatSize(resources.memoryBytes),
  storage: formatSize(resources.storageBytes),
  instances: String(part.replicas),
  volume: volume === null ? "none" : `${volume.path}, ${formatSize(volume.sizeBytes)}`,
  "when its worker is lost": volume?.whenWorkerIsLost ?? "none",
  secrets: part.secrets.join(", ") || "none",
  needs: part.needs.join(", ") || "nothing",
  ...Object.fromEntries(Object.entries(environment).map(([name, value]) => [`variable ${name}`, value])),
})

const expressionOf = (part: StackPart | undefined): string | null =>
  part?.source._tag === "expression" ? part.source.expression : null

const compareExpressions = (before: string | null, after: string | null): ReadonlyArray<DiffLine> => {
  if (before !== null && after !== null) return shortDiff(before, after)
  const mark = after === null ? "-" : "+"
  return (before ?? after)?.split("\n").map((text) => ({ mark, text })) ?? []
}

const comparePart = (
  key: string,
  before: StackPart | undefined,
  after: StackPart | undefined,
): PartDifference => ({
  key,
  kind: before === undefined ? "added" : after === undefined ? "removed" : "changed",
  changes: changes(before === undefined ? {} : fieldsOf(before), after === undefined ? {} : fieldsOf(after)),
  expression: compareExpressions(expressionOf(before), expressionOf(after)),
})

/** What the second version of a stack has otherwise than the first. */
export const compareStacks = (before: NumberedStack, after: NumberedStack): StackDifference => {
  const [old, now] = [before.definition, after.definition]
  const keys = new Set([...old.services, ...now.services].map(({ key }) => key))
  const find = (services: ReadonlyArray<StackPart>, key: string) => services.find((part) => part.key === key)
  return {
    before: before.number,
    after: after.number,
    changes: changes(
      { title: old.title, description: old.description },
      { title: now.title, description: now.description },
    ),
    services: Array.from(keys, (key) =>
      comparePart(key, find(old.services, key), find(now.services, key)),
    ).filter(({ changes, expression }) => changes.length > 0 || expression.length > 0),
  }
}
