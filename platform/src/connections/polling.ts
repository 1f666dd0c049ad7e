import type { ChangePoll } from "@skypanel/contract/Repository"
import { Effect, Schedule, Stream } from "effect"
import { SqlClient } from "effect/sql"
import type { Member } from "../auth/Auth.ts"
import { startDeployment } from "../deploy/requests/startDeployment.ts"
import { Changes } from "../store/Changes.ts"
import { insertDeployment } from "../store/Deployments.ts"
import { type Answered, newestBuilt, newRevisions, polling, takeRevision } from "../store/PolledRevisions.ts"
import { askDuePolls, setPoll } from "../store/Polls.ts"
import { forgetPrepared } from "../store/PreparedCredentials.ts"
import type { ServiceRow } from "../store/rows.ts"
import { asTenant } from "../store/Tenant.ts"
import { changeConnection } from "./connection.ts"
import { takeDigest } from "./newerImages.ts"

export const changePoll = (organization: Member, name: string, { minutes }: ChangePoll) =>
  Effect.map(
    changeConnection(organization, name, ({ service }) => setPoll(service, minutes)),
    ({ repository }) => repository,
  )

/** Deploys the commit, unless the service has it, or does not run. Null: nothing was started. */
const takeCommit = (answered: Answered) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const [service] = yield* sql<ServiceRow>`select * from service
      where id = ${answered.service_id} and organization_id = ${answered.organization_id} for update`
    if (service === undefined || service.wish !== "running" || service.source._tag !== "git") return null
    const newest = yield* newestBuilt(service)
    // Which commit it builds is not known yet: it may be this one.
    if (newest !== null && newest.revision === null && !newest.finished) return null
    yield* takeRevision(answered)
    if (newest?.revision === answered.revision) return null
    return yield* insertDeployment(service, "push", null, polling, answered.revision)
  })

const takeOne = (answered: Answered) =>
  Effect.flatMap(
    answered.kind === "git" ? asTenant(answered.organization_id, takeCommit(answered)) : takeDigest(answered),
    (started) => (started === null ? Effect.void : startDeployment(started)),
  )

const takeNew = Effect.gen(function* () {
  // What is wrong with one of them is no other's concern.
  for (const answered of yield* newRevisions)
    yield* takeOne(answered).pipe(
      Effect.catchCause((cause) =>
        Effect.logWarning(`what is new for ${answered.service_id} was not dealt with yet`, cause),
      ),
    )
})

const look = Effect.all([forgetPrepared, askDuePolls, takeNew], { discard: true }).pipe(
  Effect.catchCause((cause) => Effect.logWarning("polling failed; it is tried again", cause)),
)

/** Has repositories and registries asked whose time has come, and does what is to be done about what is new there. */
export const runPolling = Effect.gen(function* () {
  const changes = yield* Changes
  const asked = Stream.filter(changes.stream, ({ table }) => table === null || table === "poll")
  yield* Stream.merge(Stream.tick("5 seconds"), asked).pipe(
    Stream.buffer({ capacity: 1, strategy: "sliding" }),
    Stream.runForEach(() => look),
    Effect.retry(Schedule.spaced("1 second")),
  )
})
