import { Effect } from "effect"
import { Flag, Prompt } from "effect/cli"
import { BadInput } from "./Failure.ts"
import { oneLine } from "./render/text.ts"
import { Screen } from "./Screen.ts"

export const yes = Flag.Boolean("yes").pipe(
  Flag.withAlias("y"),
  Flag.withDefault(false),
  Flag.withoutNegation,
  Flag.withDescription("Do not ask"),
)

/** Asks before something that cannot be undone. Leaving the question is no answer: the command ends with it. */
export const confirmed = Effect.fnUntraced(function* (of: {
  readonly question: string
  /** Such as "hello may be deleted". */
  readonly whether: string
  readonly verb: string
}) {
  const screen = yield* Screen
  if (!screen.interactive)
    return yield* new BadInput({
      message: `Nobody can be asked whether ${oneLine(of.whether)}.`,
      next: `Add --yes to ${of.verb} without a question.`,
      issues: [],
    })
  return yield* Prompt.run(Prompt.Confirm({ message: oneLine(of.question), initial: false })).pipe(
    Effect.catchTag("QuitError", () => Effect.interrupt),
  )
})
