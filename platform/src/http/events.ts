import { Api } from "@skypanel/contract/Api"
import type { Change } from "@skypanel/contract/api/shapes"
import type { OrganizationId } from "@skypanel/contract/Id"
import { Effect, Stream } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { SqlClient } from "effect/sql"
import { Changes, type RowChange } from "../store/Changes.ts"
import { orUnavailable } from "../store/Database.ts"
import { memberOf } from "./organization.ts"

/** Names instead of ids, for the eyes of the organization; null when the row is gone meanwhile. */
const toChange = (organization: OrganizationId, change: RowChange) =>
  Effect.gen(function* () {
    if (change.table === null) return { kind: "resync", service: null, deployment: null } satisfies Change
    if (change.table.startsWith("stack"))
      return { kind: "stack", service: null, deployment: null } satisfies Change
    const sql = yield* SqlClient.SqlClient
    const [row] = yield* sql<{ name: string; number: number | null }>`
      select s.name, d.number from service s
      left join deployment d on d.service_id = s.id and d.id = ${change.deployment}
      where s.organization_id = ${organization} and (s.id = ${change.service} or s.id = (
        select service_id from deployment where id = ${change.deployment})) limit 1`
    const kind =
      change.table === "deployment" || change.table === "deployment_step" ? "deployment" : "service"
    return { kind, service: row?.name ?? null, deployment: row?.number ?? null } satisfies Change
  })

/** What a customer sees a change of. */
const relevantTables = new Set([
  ...["service", "deployment", "deployment_step", "build", "instance", "placement"],
  ...["stack", "stack_revision", "stack_step", "stack_secret"],
  ...["credential", "host_key", "hook", "hook_delivery", "poll"],
])

const distinct = <A>(values: ReadonlyArray<A>): ReadonlyArray<A> =>
  Array.from(new Map(values.map((value) => [JSON.stringify(value), value])).values())

export const layerEvents = HttpApiBuilder.group(
  Api,
  "events",
  Effect.fn(function* (handlers) {
    const changes = yield* Changes
    const resync: Change = { kind: "resync", service: null, deployment: null }
    return handlers.handle("follow", ({ params }) =>
      Effect.gen(function* () {
        const { id } = yield* memberOf(params.organization)
        const context = yield* Effect.context<SqlClient.SqlClient>()
        const relevant = changes.stream.pipe(
          Stream.filter(
            (change) =>
              change.table === null || (change.organization === id && relevantTables.has(change.table)),
          ),
          // A step writes several rows at once: one reading of them is enough.
          Stream.groupedWithin(256, "50 millis"),
          Stream.mapEffect((batch) =>
            Effect.forEach(distinct(batch), (change) => toChange(id, change)).pipe(Effect.orDie),
          ),
          Stream.flatMap((batch) => Stream.fromIterable(distinct(batch))),
          Stream.provideContext(context),
        )
        return Stream.concat(Stream.succeed(resync), relevant)
      }).pipe(orUnavailable),
    )
  }),
)
