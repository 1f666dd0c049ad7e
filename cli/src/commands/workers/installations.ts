import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { connect } from "../../Platform.ts"
import { installationList } from "../../render/installation.ts"
import { show } from "../../show.ts"

export const installations = Command.make(
  "installations",
  {},
  Effect.fn(function* () {
    const { client } = yield* connect
    yield* show(yield* client.installations.list(), installationList)
  }),
).pipe(Command.withDescription("List the permissions to add a worker that were given in the last day"))

export const revoke = Command.make(
  "revoke",
  { id: Argument.String("id").pipe(Argument.withDescription("Id of the installation")) },
  Effect.fn(function* (given) {
    const { client } = yield* connect
    const revoked = yield* client.installations.revoke({ params: { installation: given.id } })
    yield* show(revoked, () => "It is revoked: its command is of no use any more.")
  }),
).pipe(Command.withDescription("Take back the permission to add a worker that was not used yet"))
