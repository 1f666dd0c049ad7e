import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { Burial, StandingImage } from "../../domain/artifacts/budget.ts"
import { isOutlived } from "../dependencies.ts"
import { patiently } from "./patiently.ts"

const imageBatch = 200
const pathBatch = 1000

const keysOf = (images: ReadonlyArray<StandingImage>) =>
  JSON.stringify(images.map(({ organizationId, serviceId, digest }) => [organizationId, serviceId, digest]))

/** Has the registry answer for these images no more; not for those that somebody has wanted since. Returns how many. */
export const buryImages = (burials: ReadonlyArray<Burial>, cutoff: Date) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    let buried = 0
    for (let at = 0; at < burials.length; at += imageBatch) {
      const rows = JSON.stringify(
        burials
          .slice(at, at + imageBatch)
          .map(({ image, reason }) => [image.organizationId, image.serviceId, image.digest, reason]),
      )
      const done = yield* sql`
        update image i set collected_at = now(), collected_reason = item ->> 3
        from json_array_elements(${rows}::text::json) as listed (item)
        where i.organization_id = item ->> 0 and i.service_id = item ->> 1 and i.digest = item ->> 2
          and i.collected_at is null and i.wanted_at < ${cutoff} returning i.digest`
      buried += done.length
    }
    return buried
  })

export interface Unreachable {
  readonly base: string
  readonly bytes: number
}

/**
 * Paths that nothing leads to, those that refer to others first: neither an image that is answered (but for `without`),
 * nor a pin, nor what a service's builds have used, nor what an unfinished deployment has built, nor anything that was
 * wanted after the cutoff.
 */
export const unreachablePaths = (cutoff: Date, without: ReadonlyArray<StandingImage> = []) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    return yield* patiently(sql<Unreachable>`
      with recursive kept_image as materialized (
        select organization_id, service_id, digest, store_path from image where collected_at is null
          and (organization_id, service_id, digest) not in (select item ->> 0, item ->> 1, item ->> 2
            from json_array_elements(${keysOf(without)}::text::json) as listed (item))
      ), kept_layer as materialized (
        select distinct il.layer_digest from kept_image i join image_layer il on il.organization_id = i.organization_id
          and il.service_id = i.service_id and il.image_digest = i.digest
      ), reached (base) as (
        (select store_path from kept_image
          union select lp.base from kept_layer l join layer_path lp on lp.digest = l.layer_digest
          union select store_path from artifact_pin where store_path is not null
          union select d.base from service_dependency d where not ${isOutlived(sql)}
          union select substr(b.result ->> 'storePath', length('/nix/store/') + 1)
            from build b join deployment d on d.id = b.deployment_id
            where d.finished_at is null and b.result is not null
          union select base from store_path where wanted_at >= ${cutoff})
        union
        select r.reference from reached join store_reference r on r.referrer = reached.base
      )
      select p.base, n.file_size::float8 as bytes from store_path p join nar n using (file_hash)
      where p.collected_at is null and not exists (select from reached where reached.base = p.base)
      order by p.registered_at desc`)
  })

/** Has the cache answer for these paths no more, a batch at a time; not for those that were wanted meanwhile. */
export const buryPaths = (
  paths: ReadonlyArray<Unreachable>,
  cutoff: Date,
  each: (buried: number) => Effect.Effect<void>,
) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    for (let at = 0; at < paths.length; at += pathBatch) {
      const batch = JSON.stringify(paths.slice(at, at + pathBatch).map(({ base }) => base))
      const done = yield* sql`
        with batch as (
          select base from store_path where base in (select json_array_elements_text(${batch}::text::json))
            and collected_at is null and wanted_at < ${cutoff} order by base for no key update
        )
        update store_path p set collected_at = now() from batch where p.base = batch.base returning p.base`
      yield* each(done.length)
    }
  })
