import type { ArtifactPolicy } from "@skypanel/contract/Artifacts"
import type { ServiceId } from "@skypanel/contract/Id"
import { Effect, identity } from "effect"
import { SqlClient } from "effect/sql"
import type { FileUse, StandingImage } from "../../domain/artifacts/budget.ts"
import { patiently } from "./patiently.ts"

interface StandingRow {
  readonly organization_id: string
  readonly service_id: string
  readonly digest: string
  readonly releases: ReadonlyArray<number>
  readonly newest: Date | null
  readonly kept: boolean
  readonly surplus: boolean
}

/** How many releases one service would keep, instead of what it does. */
export interface Supposed {
  readonly serviceId: ServiceId
  readonly keptReleases: number | null
}

/**
 * Every image that is answered, and whether it stays whatever the budget says: it is wanted lately, or a release has it
 * that serves, served before, would be gone back to, runs somewhere, is being deployed, is pinned, or is among its
 * service's newest. With something supposed those of its service alone, as if it were so: somebody
 * waits for that answer, and it reads of no other service.
 */
export const standingImages = (keepReleases: number, cutoff: Date, supposed: Supposed | null = null) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const asked = (service: string) =>
      supposed === null ? sql`true` : sql`${sql(service)} = ${supposed.serviceId}`
    const rows = yield* (supposed === null ? patiently : identity)(sql<StandingRow>`
      with wanting (id, kept_releases) as (
        select id, ${supposed === null ? sql`kept_releases` : sql`${supposed.keptReleases}::integer`} from service
        where ${asked("id")}
      ), needed (id) as (
        select placed.id from (
          select id, service_id, row_number() over (partition by service_id order by number desc) as place from release
          where ${asked("service_id")}
        ) placed join wanting on wanting.id = placed.service_id
        where place <= coalesce(wanting.kept_releases, ${keepReleases})
        union select current_release_id from service where ${asked("id")}
        union (select distinct on (d.service_id) d.release_id from deployment d join service s on s.id = d.service_id
          where d.status = 'live' and d.release_id is not null and d.release_id is distinct from s.current_release_id
            and ${asked("d.service_id")}
          order by d.service_id, d.number desc)
        union select release_id from deployment where finished_at is null and ${asked("service_id")}
        union select d.release_id from placement p join deployment d on d.id = p.deployment_id
          where not p.gone and ${asked("p.service_id")}
        union select d.release_id from service s join deployment d on d.id = s.live_deployment_id where ${asked("s.id")}
        union select return_release_id from release_watch where ${asked("service_id")}
        union select a.release_id from artifact_pin a join release r on r.id = a.release_id
          where ${asked("r.service_id")}
      )
      select i.organization_id, i.service_id, i.digest,
        coalesce(array_agg(r.number order by r.number) filter (where r.id is not null), '{}') as releases,
        max(r.created_at) as newest,
        i.wanted_at >= ${cutoff} or coalesce(bool_or(r.id in (select id from needed where id is not null)), false) as kept,
        wanting.kept_releases is not null as surplus
      from image i left join wanting on wanting.id = i.service_id left join release r
        on r.organization_id = i.organization_id and r.service_id = i.service_id and r.image_digest = i.digest
      where i.collected_at is null and ${asked("i.service_id")}
      group by i.organization_id, i.service_id, i.digest, wanting.kept_releases`)
    return rows.map(
      (row): StandingImage => ({
        organizationId: row.organization_id,
        serviceId: row.service_id,
        digest: row.digest,
        releases: row.releases,
        newest: row.newest?.getTime() ?? null,
        kept: row.kept,
        surplus: row.surplus,
      }),
    )
  })

/**
 * What files the images need, added up: by which of them is the last to go that needs a file (its index in `images`,
 * which are in the order in which they would go), and by whether one organization has all of them.
 */
export const filesOfImages = (images: ReadonlyArray<StandingImage>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const ranked = JSON.stringify(
      images.map(({ organizationId, serviceId, digest }, rank) => [organizationId, serviceId, digest, rank]),
    )
    return yield* patiently(sql<FileUse>`
      with standing as materialized (
        select item ->> 0 as organization_id, item ->> 1 as service_id, item ->> 2 as digest, (item ->> 3)::int as rank
        from json_array_elements(${ranked}::text::json) as listed (item)
      ), by_layer as materialized (
        select il.layer_digest, max(s.rank) as rank, min(s.organization_id) as low, max(s.organization_id) as high
        from standing s join image_layer il on il.organization_id = s.organization_id
          and il.service_id = s.service_id and il.image_digest = s.digest
        group by 1
      ), by_file as (
        select p.file_hash, max(l.rank) as rank, min(l.low) as low, max(l.high) as high
        from by_layer l join layer_path lp on lp.digest = l.layer_digest join store_path p using (base) group by 1
      )
      select f.rank, case when f.low = f.high then f.low end as "organizationId", sum(n.file_size)::float8 as bytes
      from by_file f join nar n using (file_hash) group by 1, 2`)
  })

/** What of an organization's bytes only it needs, and what others need, too. */
export const usesOfOrganizations = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  return yield* sql<{
    readonly organization: string
    readonly uniqueBytes: number
    readonly sharedBytes: number
    readonly images: number
  }>`
    with by_layer as materialized (
      select distinct il.layer_digest, il.organization_id from image_layer il join image i
        on i.organization_id = il.organization_id and i.service_id = il.service_id and i.digest = il.image_digest
      where i.collected_at is null
    ), by_file as materialized (
      select distinct p.file_hash, l.organization_id
      from by_layer l join layer_path lp on lp.digest = l.layer_digest join store_path p using (base)
    ), counted as (
      select file_hash, count(*) as organizations from by_file group by 1
    ), summed as (
      select f.organization_id, sum(n.file_size) filter (where c.organizations = 1) as own,
        sum(n.file_size) filter (where c.organizations > 1) as shared
      from by_file f join counted c using (file_hash) join nar n using (file_hash) group by 1
    )
    select coalesce((select min(s.organization_slug) from service s where s.organization_id = owner.organization_id),
        owner.organization_id) as organization,
      coalesce(summed.own, 0)::float8 as "uniqueBytes", coalesce(summed.shared, 0)::float8 as "sharedBytes", owner.images
    from (select organization_id, count(*)::int as images from image where collected_at is null group by 1) owner
    left join summed using (organization_id) order by 2 desc`
})

/** Nothing that was wanted after this instant is collected: the grace time, and as long as the oldest build runs; a trial that waits holds nothing up. */
export const cutoffOf = ({ graceHours }: Pick<ArtifactPolicy, "graceHours">) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    // A builder's Nix may remember for the whole build that a path was there when the build began.
    const [row] = yield* sql<{ cutoff: Date; due: Date }>`
      select least(now() - make_interval(hours => ${graceHours}), (
        select min(case when d.id is null then b.assigned_at else b.created_at end) - interval '1 hour'
        from build b left join deployment d on d.id = b.deployment_id
        where case when d.id is null then b.finished_at is null and b.worker_id is not null
          else d.finished_at is null end)) as cutoff,
        now() - make_interval(hours => ${graceHours}) as due`
    return row!
  })
