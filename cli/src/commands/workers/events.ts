import { Effect } from "effect"
import { Command } from "effect/cli"
import { connect } from "../../Platform.ts"
import { auditEventList } from "../../render/auditEvent.ts"
import { show } from "../../show.ts"
import { workerName } from "./workerName.ts"

export const workerEvents = Command.make(
  "events",
  { name: workerName },
  Effect.fn(function* (given) {
    const { client } = yield* connect
    yield* show(yield* client.workers.events({ params: { worker: given.name } }), auditEventList)
  }),
).pipe(Command.withDescription("Show what happened to a worker, newest first; also to one that was removed"))

export const audit = Command.make(
  "audit",
  {},
  Effect.fn(function* () {
    const { client } = yield* connect
    yield* show(yield* client.fleet.audit(), auditEventList)
  }),
).pipe(Command.withDescription("Show what was done to all workers and by whom, newest first"))
