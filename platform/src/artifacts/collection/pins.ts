import type { ArtifactPin, ReleaseName } from "@skypanel/contract/Artifacts"
import { NotFound, NotPossibleNow } from "@skypanel/contract/Errors"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { parseStoreBase } from "../../domain/artifacts/StorePath.ts"
import { newId } from "../../domain/id.ts"
import { holdPath, wantPathsOfImage } from "./wanted.ts"

interface PinRow {
  readonly id: string
  readonly store_path: string | null
  readonly organization: string | null
  readonly service: string | null
  readonly number: number | null
  readonly reason: string
  readonly created_by: string
  readonly created_at: Date
}

const toPin = (row: PinRow): ArtifactPin => ({
  id: row.id,
  storePath: row.store_path,
  release:
    row.number === null
      ? null
      : { organization: row.organization!, service: row.service!, number: row.number },
  reason: row.reason,
  createdBy: row.created_by,
  createdAt: row.created_at.toISOString(),
})

/** Newest first. */
export const listPins = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<PinRow>`
    select a.id, a.store_path, s.organization_slug as organization, s.name as service, r.number, a.reason,
      a.created_by, a.created_at
    from artifact_pin a left join release r on r.id = a.release_id left join service s on s.id = r.service_id
    order by a.created_at desc, a.id`
  return rows.map(toPin)
})

const insert = (target: { store_path: string } | { release_id: string }, reason: string, by: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const id = newId("pin")
    const made =
      yield* sql`insert into artifact_pin ${sql.insert({ id, ...target, reason, created_by: by } as never)}
      on conflict do nothing returning id`
    if (made.length === 0)
      return yield* new NotPossibleNow({
        message: "That is pinned already.",
        next: "Unpin it first if the reason is another.",
      })
    return id
  })

/** Keeps a store path, given as `/nix/store/<hash>-<name>` or `<hash>-<name>`, with everything it refers to. */
export const pinPath = (given: string, reason: string, by: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const base = parseStoreBase(given.replace(/^\/nix\/store\//, ""))?.base
    return yield* sql.withTransaction(
      Effect.gen(function* () {
        if (base === undefined || !(yield* holdPath(base)))
          return yield* new NotFound({
            message: `The artifact store does not have "${given}".`,
            next: "Give it whole, as /nix/store/<hash>-<name>.",
          })
        return yield* insert({ store_path: base }, reason, by)
      }),
    )
  })

/** Keeps a release's image. One that was buried comes back; one that is deleted cannot. */
export const pinRelease = ({ organization, service, number }: ReleaseName, reason: string, by: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    return yield* sql.withTransaction(
      Effect.gen(function* () {
        const [release] = yield* sql<{
          id: string
          organization_id: string
          service_id: string
          image_digest: string
        }>`select r.id, r.organization_id, r.service_id, r.image_digest
          from release r join service s on s.id = r.service_id
          where s.organization_slug = ${organization} and s.name = ${service} and r.number = ${number}`
        if (release === undefined)
          return yield* new NotFound({
            message: `"${organization}" has no release ${number} of "${service}".`,
            next: "`skypanel releases` shows which there are.",
          })
        const { organization_id, service_id, image_digest } = release
        const held =
          yield* sql`update image set wanted_at = now(), collected_at = null, collected_reason = null
          where organization_id = ${organization_id} and service_id = ${service_id} and digest = ${image_digest}
          returning digest`
        if (held.length === 0)
          return yield* new NotPossibleNow({
            message: `The image of release ${number} was removed.`,
            next: "Deploy its revision again.",
          })
        yield* wantPathsOfImage({
          organizationId: organization_id,
          serviceId: service_id,
          digest: image_digest,
        })
        return yield* insert({ release_id: release.id }, reason, by)
      }),
    )
  })

export const unpin = (id: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const gone = yield* sql`delete from artifact_pin where id = ${id} returning id`
    if (gone.length === 0)
      return yield* new NotFound({
        message: `There is no pin "${id}".`,
        next: "`skypanel cache pins` shows them.",
      })
  })
