import type { LayerContents } from "@skypanel/contract/image/LayerContents"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { NarInfo } from "../domain/artifacts/narInfo.ts"

/** As builders name a layer's blob. */
const layerForm = "^[0-9a-z]{32}-layer-[0-9a-f]{64}$"

/** A build of the organization has sent this layer's bytes, and says what came out of them. */
export const claimBlob = (organizationId: string, { storePath, narHash }: NarInfo, contents: LayerContents) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* sql`insert into organization_blob (organization_id, base, unpacked_bytes, diff_id)
      select ${organizationId}, base, ${contents.unpackedBytes}::bigint, ${contents.diffId} from store_path
      where base = ${storePath.base} and nar_hash = ${narHash} and base ~ ${layerForm}
      on conflict (organization_id, base) do update
        set unpacked_bytes = excluded.unpacked_bytes, diff_id = excluded.diff_id`
  })

/** What the organization's own builds have found in these layers, by base; what they have not brought is not in it. */
export const blobsOf = (organizationId: string, bases: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<LayerContents & { readonly base: string }>`
      select base, unpacked_bytes::float8 as "unpackedBytes", diff_id as "diffId" from organization_blob
      where organization_id = ${organizationId}
        and base in (select json_array_elements_text(${JSON.stringify(bases)}::text::json))`
    return new Map(rows.map(({ base, ...contents }) => [base, contents]))
  })

/** Whether the path is a layer, or refers to one, that no build of the organization has brought. */
export const isForeign = (organizationId: string, hash: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql`
      select from (
        select base from store_path where hash = ${hash}
        union all
        select r.reference from store_path p join store_reference r on r.referrer = p.base where p.hash = ${hash}
      ) as needed
      where base ~ ${layerForm} and not exists (select from organization_blob o
        where o.organization_id = ${organizationId} and o.base = needed.base) limit 1`
    return rows.length > 0
  })
