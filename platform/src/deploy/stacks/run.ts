import type { OrganizationId, StackId } from "@skypanel/contract/Id"
import { Effect, Schedule, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { Changes } from "../../store/Changes.ts"
import type { StackRow } from "../../store/Stacks.ts"
import { asTenant } from "../../store/Tenant.ts"
import { hit } from "../failpoint.ts"
import { startDeployment } from "../requests/startDeployment.ts"
import { advance } from "./advance.ts"
import { remove } from "./remove.ts"

/** Those that something goes on with. */
const unfinished = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql<{ id: StackId; organization_id: OrganizationId }>`
    select id, organization_id from stack where wish = 'deleted'
    union
    select stack_id, organization_id from stack_revision where finished_at is null`,
)

/** Another platform that has its row at this moment looks at it instead. */
const lookAt = (organization: OrganizationId, id: StackId) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const begun = yield* asTenant(
      organization,
      Effect.gen(function* () {
        const [stack] = yield* sql<StackRow>`select * from stack
          where organization_id = ${organization} and id = ${id} for update skip locked`
        if (stack === undefined) return []
        if (stack.wish === "deleted") return yield* Effect.as(remove(stack), [])
        return yield* advance(stack)
      }),
    )
    if (begun.length > 0) yield* hit("stack-step-started")
    // Cut off here, the reconciler starts them: the rows are the outbox.
    for (const deployment of begun) yield* startDeployment(deployment)
  }).pipe(Effect.catchCause((cause) => Effect.logWarning(`cannot look at stack ${id}`, cause)))

const lookAtAll = Effect.gen(function* () {
  for (const { id, organization_id } of yield* unfinished) yield* lookAt(organization_id, id)
}).pipe(Effect.catchCause((cause) => Effect.logWarning("cannot look at stacks", cause)))

const concerns = new Set(["stack", "stack_revision", "service", "deployment", "instance"])

/**
 * Brings every stack to its newest revision, for as long as it runs. All that it knows is in rows: a platform that was
 * killed goes on with the next look where it was.
 */
export const runStacks = Effect.gen(function* () {
  const changes = yield* Changes
  yield* Stream.merge(
    Stream.tick("1 second"),
    changes.stream.pipe(
      Stream.filter(({ table }) => table === null || concerns.has(table)),
      Stream.map(() => undefined),
    ),
  ).pipe(
    Stream.buffer({ capacity: 1, strategy: "sliding" }),
    Stream.runForEach(() => lookAtAll),
    Effect.retry(Schedule.spaced("1 second")),
  )
})
