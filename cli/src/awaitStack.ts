import type { Stack, StackRevision } from "@skypanel/contract/Stack"
import { Effect } from "effect"
import { EndedOtherwise } from "./Failure.ts"
import { changesOf, lookUntil } from "./lookUntil.ts"
import type { Place } from "./Platform.ts"
import { revisionChanges } from "./render/stack.ts"
import { Screen } from "./Screen.ts"

/** Shows each service of a stack's revision on standard error, until the revision has ended. */
export const awaitRevision = Effect.fnUntraced(function* (
  { client, organization }: Place,
  name: string,
  number: number,
) {
  const screen = yield* Screen
  let before: StackRevision | null = null
  const look = Effect.gen(function* () {
    const stack = yield* client.stacks.get({ params: { organization, stack: name } })
    const revision = stack.revisions.find((one) => one.number === number)
    if (revision === undefined)
      return yield* new EndedOtherwise({
        message: "The stack was deleted, or made anew.",
        next: "See what there is: skypanel stacks list",
      })
    yield* screen.note(revisionChanges(before, revision, screen.err))
    before = revision
    return revision.finishedAt === null && stack.state !== "deleting" ? null : { stack, revision }
  })
  return yield* lookUntil(changesOf(client, organization), look)
})

/** Until the stack is there no more. */
export const awaitGone = ({ client, organization }: Place, name: string) =>
  lookUntil(
    changesOf(client, organization),
    client.stacks.get({ params: { organization, stack: name } }).pipe(
      Effect.as(null),
      Effect.catchTag("NotFound", () => Effect.succeed(true as const)),
    ),
  )

/** Fails when the revision is not live; why is on the screen already. */
export const mustBeLive = (stack: Stack, { number, status }: StackRevision) =>
  status === "live"
    ? Effect.void
    : Effect.fail(
        new EndedOtherwise({
          message: `Revision ${number} of ${stack.name} is not live.`,
          next: `See why: skypanel stacks show ${stack.name}; what served before serves on.`,
        }),
      )
