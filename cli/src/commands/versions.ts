import type { TemplateState } from "@skypanel/contract/Template"
import { Effect, Option } from "effect"
import { Argument, Flag } from "effect/cli"
import { EndedOtherwise, NothingThere } from "../Failure.ts"
import { ordinal } from "./ordinal.ts"

/* What commands for templates and those for stacks of the library have in common: both have versions. */

export const version = ordinal("version").pipe(
  Argument.optional,
  Argument.withDescription("Number of the version (default: the newest)"),
)

export const compared = {
  before: ordinal("before").pipe(Argument.withDescription("Number of a version")),
  after: ordinal("after").pipe(Argument.withDescription("Number of the version to compare it with")),
}

export const everyone = Flag.Boolean("everyone").pipe(
  Flag.withDefault(false),
  Flag.withoutNegation,
  Flag.withDescription("For all organizations; only an administrator of the platform may"),
)

export const drafts = Flag.Boolean("drafts").pipe(
  Flag.withDefault(false),
  Flag.withoutNegation,
  Flag.withDescription("Those that you may change, with their versions, drafts among them"),
)

interface History<V> {
  readonly name: string
  readonly versions: ReadonlyArray<V>
}

/** The version that was named, else the newest. `next`: how one comes to have a version. */
export const numberOf = (
  { name, versions }: History<{ readonly number: number }>,
  given: Option.Option<number>,
  next: string,
) => {
  const number = Option.getOrElse(given, () => versions[0]?.number)
  return number === undefined
    ? Effect.fail(new NothingThere({ message: `${name} has no version.`, next }))
    : Effect.succeed(number)
}

export const versionIn = <V extends { readonly number: number }>({ versions }: History<V>, number: number) =>
  versions.find((version) => version.number === number) ?? null

interface Named {
  readonly template: string
  readonly number: number
}

/** Fails unless its trial ended well. */
export const mustBeValid = (ended: { readonly state: TemplateState } | null, { template, number }: Named) =>
  ended?.state === "valid"
    ? Effect.void
    : Effect.fail(
        new EndedOtherwise({
          message: `Version ${number} of ${template} is not valid.`,
          next: "Correct it and add it again, which makes a new version.",
        }),
      )

export const offeredLine = ({ template, number }: Named): string =>
  `Version ${number} of ${template} is offered.`
