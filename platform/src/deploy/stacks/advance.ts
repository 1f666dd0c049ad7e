import { isDeepStrictEqual } from "node:util"
import { PgClient } from "@effect/sql-pg"
import { type DeploymentFailure, type DeploymentStatus, isFinished } from "@skypanel/contract/Deployment"
import type { NameTaken, NotFound, NotPossibleNow } from "@skypanel/contract/Errors"
import type { DeploymentId } from "@skypanel/contract/Id"
import type { StackFailure } from "@skypanel/contract/Stack"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { progressOf, type Seen, type Step } from "../../domain/stacks/progress.ts"
import { ownerOf, rotationParts } from "../../domain/stacks/rotation.ts"
import { giveFirst } from "../../store/StackSecrets.ts"
import {
  newestRevision,
  type StackRevisionRow,
  type StackRow,
  type StackStepRow,
  stepsOf,
} from "../../store/Stacks.ts"
import { removeDropped } from "./remove.ts"
import { settleRotation } from "./settleRotation.ts"
import { restartPart, startStep } from "./startStep.ts"

interface SeenRow {
  readonly key: string
  readonly healthy: boolean
  /** Nothing of it answers any more but what serves, as far as workers are there to say so. */
  readonly alone: boolean
  readonly status: DeploymentStatus | null
  readonly failure: DeploymentFailure | null
}

interface Begun {
  readonly id: DeploymentId
  readonly number: number
}

const gone = { title: "Its service, or the deployment of it, is gone.", next: "Update the stack." }

const endedOf = ({ status, failure }: SeenRow): Seen["ended"] => {
  if (status === null) return gone
  if (!isFinished(status)) return null
  if (status === "live") return "live"
  return {
    title: failure?.title ?? "Its deployment failed.",
    next: failure?.next ?? "Look at its deployment.",
  }
}

/**
 * The step's deployment, and whether all instances of what serves now are healthy. Of a rotation also that none is left that
 * would refuse the new version: several answer to one name.
 */
const look = (stack: StackRow, { number: revision, rotation }: StackRevisionRow) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<SeenRow>`
      select t.key, d.status, d.failure, coalesce(s.wish = 'running' and healthy.slots >= s.replicas, false) as healthy,
        not exists (select from placement p join worker w on w.id = p.worker_id and w.heard
          where p.service_id = s.id and p.deployment_id <> s.live_deployment_id and not p.gone) as alone
      from stack_step t
      left join deployment d on d.id = t.deployment_id
      left join service s on s.stack_id = t.stack_id and s.stack_key = t.key
      left join lateral (
        select count(distinct p.slot) as slots from placement p
        join instance i on i.placement_id = p.id and i.healthy join worker w on w.id = i.worker_id and w.heard
        where p.deployment_id = s.live_deployment_id
      ) healthy on true
      where t.organization_id = ${stack.organization_id} and t.stack_id = ${stack.id} and t.revision = ${revision}`
    return new Map(
      rows.map((row): [string, Seen] => [
        row.key,
        { healthy: row.healthy && (rotation === null || row.alone), ended: endedOf(row) },
      ]),
    )
  })

const toStep = ({ key, state, detail, held_up_at }: StackStepRow): Step => ({
  key,
  state,
  detail,
  heldUpAt: held_up_at?.getTime() ?? null,
})

const saveStep = (stack: StackRow, revision: number, { key, state, detail, heldUpAt }: Step) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`update stack_step t set state = ${state}, detail = ${detail},
        held_up_at = ${heldUpAt === null ? null : new Date(heldUpAt)},
        release_id = case when ${state} = 'live'
          then (select d.release_id from deployment d where d.id = t.deployment_id) else t.release_id end
      where stack_id = ${stack.id} and revision = ${revision} and key = ${key}`,
  )

/** Why it could not even be started, for people. What it did until then is undone. */
const refuse =
  (key: string) =>
  ({ message, next }: NameTaken | NotFound | NotPossibleNow) =>
    Effect.succeed({ key, title: message, next } satisfies StackFailure)

/** Starts the step's deployment, or says why that is refused. */
const start = (stack: StackRow, revision: StackRevisionRow, step: StackStepRow) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const { rotation, created_by: user } = revision
    const part = revision.parts.find(({ key }) => key === step.key)!
    const begun = yield* sql
      .withTransaction(
        rotation === null
          ? startStep(stack, user, part, step.release_id)
          : restartPart(stack, user, step.key),
      )
      .pipe(Effect.catchTag(["NameTaken", "NotFound", "NotPossibleNow"], refuse(step.key)))
    if (!("id" in begun)) return begun
    yield* sql`update stack_step set deployment_id = ${begun.id}
      where stack_id = ${stack.id} and revision = ${revision.number} and key = ${step.key}`
    if (rotation !== null && step.key === ownerOf(rotation.secret))
      yield* giveFirst(stack, rotation, begun.id)
    return begun
  })

const finish = (
  stack: StackRow,
  revision: StackRevisionRow,
  status: "deploying" | "live" | "failed",
  failure: StackFailure | null,
) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    yield* sql`update stack_revision set status = ${status}, failure = ${failure === null ? null : pg.json(failure)},
        finished_at = ${status === "deploying" ? null : new Date()}
      where stack_id = ${stack.id} and number = ${revision.number}`
  })

/**
 * Brings the newest revision one look further, in a transaction that holds the stack's row. Gives the deployments that
 * it began: they are started once it is committed.
 */
export const advance = (stack: StackRow) =>
  Effect.gen(function* () {
    const { organization_id: organization, id } = stack
    const revision = yield* newestRevision(organization, id)
    if (revision.finished_at !== null) return []
    const rows = yield* stepsOf(organization, id, revision.number)
    const seen = yield* look(stack, revision)
    const before = rows.map(toStep)
    const { rotation } = revision
    const parts = rotation === null ? revision.parts : rotationParts(revision.parts, before, rotation.secret)
    const progress = progressOf(parts, before, seen, revision.failure, Date.now())
    for (const step of progress.steps)
      if (!before.some((one) => isDeepStrictEqual(one, step))) yield* saveStep(stack, revision.number, step)
    const begun: Array<Begun> = []
    let { failure } = progress
    for (const key of progress.start) {
      const started = yield* start(stack, revision, rows.find((one) => one.key === key)!)
      if ("id" in started) begun.push(started)
      else {
        failure ??= started
        yield* saveStep(stack, revision.number, {
          key,
          state: "failed",
          detail: started.title,
          heldUpAt: null,
        })
      }
    }
    // After a refusal the next look skips what waits, and ends it when nothing goes on any more.
    const status = failure === progress.failure ? progress.status : "deploying"
    if (status !== revision.status || !isDeepStrictEqual(failure, revision.failure))
      yield* finish(stack, revision, status, failure)
    yield* settleRotation(stack, { ...revision, failure }, progress.steps, status)
    if (status === "live" && rotation === null) yield* removeDropped(stack, revision.parts)
    return begun
  })
