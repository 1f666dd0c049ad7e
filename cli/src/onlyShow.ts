import { Effect, Option } from "effect"
import { Flag } from "effect/cli"
import { BadInput } from "./Failure.ts"

/** `--show` of what a newer version of a template changes. */
export const onlyShow = Flag.Boolean("show").pipe(
  Flag.withDefault(false),
  Flag.withoutNegation,
  Flag.withDescription("Only show what the newest version of its template would change"),
)

/** What is shown is the newest version and nothing else: a flag that says more would be left out of it unseen. */
export const showsOnly = (
  show: boolean,
  others: Readonly<Record<string, Option.Option<unknown> | ReadonlyArray<unknown>>>,
): Effect.Effect<void, BadInput> => {
  const given = Object.keys(others).filter((name) => {
    const value = others[name]!
    return Option.isOption(value) ? Option.isSome(value) : value.length > 0
  })
  return !show || given.length === 0
    ? Effect.void
    : Effect.fail(
        new BadInput({
          message: `--show and ${given.map((name) => `--${name}`).join(" and ")} cannot be used together.`,
          next: "Leave out --show to make the change; alone, it shows what the newest version would change.",
          issues: [],
        }),
      )
}
