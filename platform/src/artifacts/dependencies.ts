import type { BuildId } from "@skypanel/contract/Id"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { parseStorePath, type StorePath } from "../domain/artifacts/StorePath.ts"
import { wantPaths } from "./collection/wanted.ts"
import { UploadRefused } from "./errors.ts"

/** Of one build. */
const dependenciesMost = 5000
/** A store path has 255 characters at most. */
export const dependenciesBytesMost = dependenciesMost * 256

/** Layers are brought, and claimed, otherwise: a path of this form is the organization's that has sent its bytes. */
const isLayer = ({ name }: StorePath) => /^layer-[0-9a-f]{64}$/.test(name)

const readPaths = (lines: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const given = lines.filter((line) => line !== "")
    if (given.length > dependenciesMost)
      return yield* new UploadRefused({ message: `a build has ${dependenciesMost} dependencies at most` })
    const paths = given.map(parseStorePath)
    const known = paths.filter((path) => path !== null && !isLayer(path))
    if (known.length < given.length)
      return yield* new UploadRefused({ message: "a dependency is none that a build can have" })
    return known as ReadonlyArray<StorePath>
  })

/**
 * A build has fetched these by hashes that were known before: they stay for the builds of its service, and builds of its
 * organization may read them. Gives those that the store does not have. A build of no service keeps nothing.
 */
export const recordDependencies = (build: BuildId, lines: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const paths = yield* readPaths(lines)
    const [of] = yield* sql<{ service_id: string; organization_id: string }>`
      select d.service_id, d.organization_id from build b join deployment d on d.id = b.deployment_id
      where b.id = ${build}`
    if (of === undefined) return []
    const bases = JSON.stringify(paths.map(({ base }) => base))
    const here = yield* sql.withTransaction(
      Effect.gen(function* () {
        // First: it waits for a collection that is about to delete one of them.
        yield* wantPaths(paths.map(({ base }) => base))
        return yield* sql<{ base: string }>`
          insert into service_dependency (service_id, organization_id, base)
          select ${of.service_id}, ${of.organization_id}, p.base from store_path p join nar n using (file_hash)
          where p.base in (select json_array_elements_text(${bases}::text::json))
            and n.damage is distinct from 'missing'
          order by p.base
          on conflict (service_id, base) do update set used_at = excluded.used_at returning base`
      }),
    )
    const known = new Set(here.map(({ base }) => base))
    return paths.filter(({ base }) => !known.has(base)).map(({ path }) => path)
  })

/** Of `service_dependency d`: no build used it for a month, and the service's newest that used any did without. */
export const isOutlived = (
  sql: SqlClient.SqlClient,
) => sql`(d.used_at < now() - interval '30 days' and d.used_at <
  (select max(newest.used_at) from service_dependency newest where newest.service_id = d.service_id))`

export const forgetOutlived = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql`delete from service_dependency d where ${isOutlived(sql)}`,
)
