import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { type ExistingLayer, sharedMaximum } from "../domain/artifacts/layering.ts"
import { type Blob, digestOf, type LayerDescriptor } from "../domain/artifacts/ociImage.ts"
import { wantPathsOfImage } from "./collection/wanted.ts"

export interface PublishedLayer extends LayerDescriptor {
  /** No earlier image of the service has it. */
  readonly new: boolean
}

export interface ImageRow {
  readonly organization_id: string
  readonly service_id: string
  readonly digest: string
  readonly key: string
  readonly config_digest: string
  readonly total_bytes: number
  readonly new_bytes: number
  readonly created_for: string | null
}

interface Owner {
  readonly organizationId: string
  readonly serviceId: string
}

/** An engine's name for a layer with everything below it (OCI image specification, "ChainID"). */
export const chainOf = (parent: string, digest: string): string =>
  parent === "" ? digest : digestOf(`${parent} ${digest}`)

/**
 * Finds the image again that was made of the same path and settings, and notes that it was published now. One that was
 * buried comes back, with all that its layers are made of.
 */
export const touchImage = ({ organizationId, serviceId }: Owner, key: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    return yield* sql.withTransaction(
      Effect.gen(function* () {
        const [image] =
          yield* sql<ImageRow>`update image set published_at = clock_timestamp(), wanted_at = now(),
            collected_at = null, collected_reason = null
          where organization_id = ${organizationId} and service_id = ${serviceId} and key = ${key}
          returning organization_id, service_id, digest, key, config_digest, total_bytes::float8, new_bytes::float8, created_for`
        if (image === undefined) return null
        yield* wantPathsOfImage({ organizationId, serviceId, digest: image.digest })
        return image
      }),
    )
  })

export const layersOfImage = (image: ImageRow) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql<PublishedLayer>`
      select l.digest, l.size::float8, il.new from image_layer il join layer l on l.digest = il.layer_digest
      where il.organization_id = ${image.organization_id} and il.service_id = ${image.service_id}
        and il.image_digest = ${image.digest} order by il.position`,
  )

interface LayerRow {
  readonly digest: string
  readonly size: number
  readonly paths: ReadonlyArray<{ readonly base: string; readonly bytes: number }> | null
}

export type SizedLayer = ExistingLayer & LayerDescriptor

const toLayer = (row: LayerRow): SizedLayer => ({
  digest: row.digest,
  size: row.size,
  paths: row.paths ?? [],
})

/** The layers of the service's image that was published last, from the bottom; none when it has no image any more. */
export const previousLayers = ({ organizationId, serviceId }: Owner) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<LayerRow>`
      with previous as (select digest from image where organization_id = ${organizationId}
        and service_id = ${serviceId} and collected_at is null order by published_at desc limit 1)
      select l.digest, l.size::float8,
        (select json_agg(json_build_object('base', lp.base, 'bytes', p.nar_size) order by lp.position)
          from layer_path lp join store_path p using (base) where lp.digest = l.digest) as paths
      from previous join image_layer il on il.image_digest = previous.digest
        and il.organization_id = ${organizationId} and il.service_id = ${serviceId}
      join layer l on l.digest = il.layer_digest order by il.position`
    return rows.map(toLayer)
  })

/**
 * The longest run of layers above `chain` that other images have and that holds nothing but these paths. At each step
 * the largest layer wins.
 */
export const sharedLayers = (chain: string, bases: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const closure = JSON.stringify(bases)
    const layers: SizedLayer[] = []
    for (let parent = chain; layers.length < sharedMaximum; ) {
      const rows = yield* sql<LayerRow & { readonly chain: string }>`
        select c.chain, l.digest, l.size::float8,
          (select json_agg(json_build_object('base', lp.base, 'bytes', p.nar_size) order by lp.position)
            from layer_path lp join store_path p using (base) where lp.digest = l.digest) as paths
        from layer_chain c join layer l using (digest)
        where c.parent = ${parent} and not exists (select from layer_path lp where lp.digest = l.digest
          and lp.base not in (select json_array_elements_text(${closure}::text::json)))
        order by l.size desc, l.digest limit 1`
      const next = rows[0]
      if (next === undefined) break
      layers.push(toLayer(next))
      parent = next.chain
    }
    return layers
  })

export interface NewImage extends Owner {
  readonly key: string
  readonly storePath: string
  readonly createdFor: string | null
  readonly manifest: Blob
  readonly config: Blob
  /** From the bottom. */
  readonly layers: ReadonlyArray<LayerDescriptor>
}

const known = ({ organizationId, serviceId }: Owner) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<{ digest: string }>`select distinct layer_digest as digest from image_layer
      where organization_id = ${organizationId} and service_id = ${serviceId}`
    return new Set(rows.map((row) => row.digest))
  })

const chainsOf = (layers: ReadonlyArray<LayerDescriptor>) => {
  let chain = ""
  return layers.map(({ digest }) => {
    const parent = chain
    chain = chainOf(parent, digest)
    return { chain, parent, digest }
  })
}

/** Holds the layers against a collection until the transaction ends; false when one of them was collected. */
const holdLayers = (layers: ReadonlyArray<LayerDescriptor>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const digests = JSON.stringify(layers.map(({ digest }) => digest))
    const held = yield* sql`select digest from layer
      where digest in (select json_array_elements_text(${digests}::text::json)) for key share`
    return held.length === new Set(layers.map(({ digest }) => digest)).size
  })

/**
 * Saves an image and its layers' order. Does nothing when somebody else was first. False when a layer is there no more:
 * it has to be made again.
 */
export const saveImage = (image: NewImage) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    if (!(yield* holdLayers(image.layers))) return false
    const before = yield* known(image)
    const owner = { organization_id: image.organizationId, service_id: image.serviceId }
    const sum = (layers: ReadonlyArray<LayerDescriptor>) => layers.reduce((all, { size }) => all + size, 0)
    const fresh = yield* sql`insert into image ${sql.insert({
      ...owner,
      digest: image.manifest.digest,
      key: image.key,
      config_digest: image.config.digest,
      manifest: image.manifest.text,
      config: image.config.text,
      store_path: image.storePath,
      total_bytes: sum(image.layers),
      new_bytes: sum(image.layers.filter((layer) => !before.has(layer.digest))),
      created_for: image.createdFor,
    })} on conflict do nothing returning digest`
    if (fresh.length === 0) return true
    const chains = chainsOf(image.layers)
    yield* sql`insert into layer_chain ${sql.insert(chains as never)} on conflict do nothing`
    yield* sql`insert into image_layer ${sql.insert(
      chains.map((link, position) => ({
        ...owner,
        image_digest: image.manifest.digest,
        position,
        layer_digest: link.digest,
        chain: link.chain,
        new: !before.has(link.digest),
      })) as never,
    )}`
    yield* wantPathsOfImage({ ...image, digest: image.manifest.digest })
    return true
  })
