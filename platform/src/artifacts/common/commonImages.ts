import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { type Donor, makeCommonImage } from "../../domain/artifacts/commonImage.ts"
import { type CommonLayer, type CommonRun, chooseCommonRuns } from "../../domain/artifacts/commonLayers.ts"
import { patiently } from "../collection/patiently.ts"

/** The repository of common images: workers open it, and nobody else. No organization's id is like that. */
export const commonRepository = "skypanel/common"

/** How many services have to have a layer. */
const servicesLeast = 2

/** The layers that the images of several running services have. */
const sharedLayers = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  patiently(sql<CommonLayer>`
    select il.chain, c.parent, l.size::float8 as bytes, count(distinct s.id)::int as services
    from service s join release r on r.id = s.current_release_id
    join image i on i.organization_id = s.organization_id and i.service_id = s.id and i.digest = r.image_digest
    join image_layer il on il.organization_id = i.organization_id and il.service_id = i.service_id
      and il.image_digest = i.digest
    join layer_chain c on c.chain = il.chain join layer l on l.digest = il.layer_digest
    where s.wish = 'running' and i.collected_at is null
    group by 1, 2, 3 having count(distinct s.id) >= ${servicesLeast}`),
)

interface DonorRow extends Donor {
  readonly chain: string
  /** Of the run's topmost layer. */
  readonly position: number
}

const donorsOf = (chains: ReadonlyArray<string>) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql<DonorRow>`
      select distinct on (il.chain) il.chain, il.position, i.manifest, i.config
      from image_layer il join image i on i.organization_id = il.organization_id and i.service_id = il.service_id
        and i.digest = il.image_digest
      where ${sql.in("il.chain", chains)} and i.collected_at is null order by il.chain, i.created_at`,
  )

const rowOf = ({ chain, bytes, services }: CommonRun, donor: DonorRow) => {
  const layers = donor.position + 1
  const { manifest, config } = makeCommonImage(donor, layers)
  return {
    ...{ chain, bytes, services, layers },
    ...{ digest: manifest.digest, manifest: manifest.text },
    ...{ config_digest: config.digest, config: config.text },
  }
}

/** Makes the common images that there shall be, of at most so many bytes together, and lets go of the others. */
export const refreshCommonImages = (bytesMost: number) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const runs = bytesMost === 0 ? [] : chooseCommonRuns(yield* sharedLayers, bytesMost)
    const donors = runs.length === 0 ? [] : yield* donorsOf(runs.map(({ chain }) => chain))
    const rows = runs.flatMap((run) => {
      const donor = donors.find(({ chain }) => chain === run.chain)
      return donor === undefined ? [] : [rowOf(run, donor)]
    })
    yield* sql.withTransaction(
      Effect.gen(function* () {
        // Of several platforms one at a time: the last one is right.
        yield* sql`select pg_advisory_xact_lock(hashtext('skypanel.common-images'))`
        yield* rows.length === 0
          ? sql`delete from common_image`
          : sql`delete from common_image where not ${sql.in(
              "chain",
              rows.map(({ chain }) => chain),
            )}`
        for (const row of rows)
          yield* sql`insert into common_image ${sql.insert(row)}
            on conflict (chain) do update set services = excluded.services`
      }),
    )
  })

export interface CommonImageRow {
  readonly digest: string
  readonly bytes: number
  readonly layers: number
  readonly services: number
}

/** Those that the most services need first. */
export const listCommonImages = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql<CommonImageRow>`
    select digest, bytes::float8, layers, services from common_image order by common_image.services desc, digest`,
)

/** One of them, by its digest. */
export const commonImage = (digest: string) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ digest: string; manifest: string }>`
        select digest, manifest from common_image where digest = ${digest}`,
      (rows) => rows[0],
    ),
  )

/** What a digest is in the repository of common images: a configuration's text, or a layer of any of them. */
export const commonBlob = (digest: string) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ size: number; blob: boolean; config: string | null }>`
        (select l.size::float8, l.blob, null as config from layer l
          where l.digest = ${digest} and exists (select from common_image where strpos(manifest, ${digest}) > 0))
        union all
        (select 0, false, config from common_image where config_digest = ${digest}) limit 1`,
      (rows) => rows[0],
    ),
  )
