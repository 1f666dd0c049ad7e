import type { ArtifactDamage, ArtifactStatus } from "@skypanel/contract/Artifacts"
import { Clock, Effect } from "effect"
import { SqlClient } from "effect/sql"
import { NarFiles } from "../NarFiles.ts"
import { listTraffic } from "../Traffic.ts"
import { listPins } from "./pins.ts"
import { loadArtifactPolicy } from "./policy.ts"
import { listRuns } from "./runs.ts"
import { listSamples } from "./samples.ts"
import { usesOfOrganizations } from "./standing.ts"

interface Totals {
  readonly files: number
  readonly fileBytes: number
  readonly paths: number
  readonly buriedPaths: number
  readonly buriedBytes: number
}

const totals = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql<Totals>`
    select n.files, n."fileBytes", p.paths, p."buriedPaths", b."buriedBytes"
    from (select count(*)::float8 as files, coalesce(sum(file_size), 0)::float8 as "fileBytes" from nar) n,
      (select count(*)::float8 as paths, count(collected_at)::float8 as "buriedPaths" from store_path) p,
      (select coalesce(sum(n.file_size), 0)::float8 as "buriedBytes" from nar n where exists (
          select from store_path p where p.file_hash = n.file_hash and p.collected_at is not null)
        and not exists (
          select from store_path p where p.file_hash = n.file_hash and p.collected_at is null)) b`
  return row!
})

interface DamageRow {
  readonly file_hash: string
  readonly damage: ArtifactDamage["kind"]
  readonly damaged_at: Date
  readonly paths: ReadonlyArray<string>
  readonly releases: ReadonlyArray<ArtifactDamage["releases"][number]> | null
}

/** Files that are not what they were, the newest first, at most 100, with the releases whose images need them. */
export const listDamage = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<DamageRow>`
    select n.file_hash, n.damage, n.damaged_at,
      (select coalesce(array_agg(p.base order by p.base), '{}') from store_path p where p.file_hash = n.file_hash) as paths,
      (select json_agg(distinct jsonb_build_object('organization', s.organization_slug, 'service', s.name, 'number', r.number))
        from store_path p join layer_path lp using (base) join image_layer il on il.layer_digest = lp.digest
        join release r on r.organization_id = il.organization_id and r.service_id = il.service_id
          and r.image_digest = il.image_digest
        join service s on s.id = r.service_id where p.file_hash = n.file_hash) as releases
    from nar n where n.damage is not null order by n.damaged_at desc, n.file_hash limit 100`
  return rows.map(
    (row): ArtifactDamage => ({
      fileHash: row.file_hash,
      kind: row.damage,
      seenAt: row.damaged_at.toISOString(),
      storePaths: row.paths,
      releases: row.releases ?? [],
    }),
  )
})

/** The artifact store as a whole. */
export const artifactStatus = Effect.gen(function* () {
  const files = yield* NarFiles
  const now = yield* totals
  const { fileBytes, paths } = now
  return {
    policy: yield* loadArtifactPolicy,
    ...now,
    freeBytes: yield* files.freeBytes,
    organizations: yield* usesOfOrganizations,
    growth: [
      ...(yield* listSamples),
      { at: new Date(yield* Clock.currentTimeMillis).toISOString(), fileBytes, paths },
    ],
    traffic: yield* listTraffic,
    pins: yield* listPins,
    damage: yield* listDamage,
    runs: yield* listRuns,
  } satisfies ArtifactStatus
})
