import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { Effect, Exit, Scope } from "effect"
import { ensureDatabase, startPostgres } from "../dev/postgres.ts"
import { type ArtifactServer, startArtifactServer } from "../platform/test/artifactServer.ts"
import { age, collectNow, query } from "../platform/test/collection.ts"
import { median, type Row, rowOf } from "./row.ts"

const paths = 100_000
const images = 100
/** Of a hundred paths this many are of no image. */
const garbage = 60

/**
 * Rows and files as so many uploads leave them: each path refers to five earlier ones, and each of a hundred images has
 * its own paths in one layer. Everything that refers to a path which is of no image is of no image either.
 */
const lay = async (server: ArtifactServer) => {
  const base = (of: string) => `lpad((${of})::text, 32, '0') || '-path'`
  const file = (of: string) =>
    `lpad(to_hex((${of}) * 40503 % 16777216), 6, '0') || lpad((${of})::text, 58, '0')`
  const kept = (of: string) => `(${of}) % 100 >= ${garbage}`
  await query(
    server,
    `insert into nar (file_hash, file_size, nar_hash, nar_size) select ${file("i")}, 100, ${file("i")}, 200 from generate_series(1::bigint, ${paths}) i`,
  )
  await query(
    server,
    `insert into store_path (base, hash, file_hash, nar_hash, nar_size, substituted, uploaded_by, registered_at)
     select ${base("i")}, left(${base("i")}, 32), ${file("i")}, ${file("i")}, 200, false, '', now() - interval '40 days' + i * interval '1 second'
     from generate_series(1::bigint, ${paths}) i`,
  )
  // Where a kept path would refer to one that is not, it refers to the next kept one before it.
  const reference = `case when ${kept("i")} and not ${kept("r")} then r / 100 * 100 - 1 else r end`
  for (let each = 1; each <= 5; each++)
    await query(
      server,
      `insert into store_reference select ${base("i")}, ${base(reference)} from generate_series(200::bigint, ${paths}) i,
         lateral (select greatest(100, i - 1 - (i * ${each} * 7919) % least(i - 100, 5000)) as r) x on conflict do nothing`,
    )
  await query(
    server,
    `insert into layer (digest, key, size) select 'layer-' || i, 'layer-' || i, 1 from generate_series(1, ${images}) i`,
  )
  await query(
    server,
    `insert into layer_path (digest, position, base, tar_size) select 'layer-' || (1 + i % ${images}), i, ${base("i")}, 1
     from generate_series(1::bigint, ${paths}) i where ${kept("i")}`,
  )
  await query(server, "insert into layer_chain select digest, '', digest from layer")
  await query(
    server,
    `insert into image (organization_id, service_id, digest, key, config_digest, manifest, config, store_path, total_bytes, new_bytes)
     select 'org_' || i % 10, 'svc_' || i, 'image-' || i, 'image-' || i, '', '', '', ${base(`${paths - 1}`)}, 0, 0 from generate_series(1, ${images}) i`,
  )
  await query(
    server,
    `insert into image_layer select organization_id, service_id, digest, 0, replace(digest, 'image', 'layer'), replace(digest, 'image', 'layer'), true from image`,
  )
  const columns = "source, environment, resources, port"
  await query(
    server,
    `insert into service (id, organization_id, organization_slug, name, host, ${columns})
     select service_id, organization_id, organization_id, service_id, service_id, '{}', '{}', '{}', 1 from image`,
  )
  await query(
    server,
    `insert into release (id, organization_id, service_id, number, image_digest, image_bytes, store_path, command, ${columns})
     select 'rel_' || service_id, organization_id, service_id, 1, digest, 0, '', '[]', '{}', '{}', '{}', 1 from image`,
  )
  await query(server, "analyze")
  const folder = join(server.dataFolder, "artifacts/nar")
  const made = new Set<string>()
  for (const { file_hash } of await query<{ file_hash: string }>(server, "select file_hash from nar")) {
    const place = join(folder, file_hash.slice(0, 2))
    if (!made.has(place)) mkdirSync(place, { recursive: true })
    made.add(place)
    writeFileSync(join(place, `${file_hash}.nar.zst`), Buffer.alloc(100))
  }
}

/** Asks as a builder does, one path after the other, until told to stop; milliseconds of each answer. */
const askMeanwhile = (server: ArtifactServer) => {
  const took: Array<number> = []
  let going = true
  const asking = (async () => {
    for (let i = 0; going; i = (i + 7919) % paths) {
      const begun = performance.now()
      const path = `${String(Math.max(i - (i % 100) + 99, 99)).padStart(32, "0")}.narinfo`
      await (await fetch(`${server.pushUrl}/${path}`)).arrayBuffer()
      took.push(performance.now() - begun)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  })()
  return async () => {
    going = false
    await asking
    return took
  }
}

const timed = async <A>(run: () => Promise<A>) => {
  const begun = performance.now()
  const value = await run()
  return { value, seconds: (performance.now() - begun) / 1000 }
}

/** A collection over 100,000 paths with their files, of which 60,000 go, while a builder asks for paths. */
export const collectionBenchmark = async (): Promise<ReadonlyArray<Row>> => {
  const folder = mkdtempSync(join(tmpdir(), "skypanel-bench-collection-"))
  const scope = Effect.runSync(Scope.make())
  let server: ArtifactServer | undefined
  try {
    const database = await Effect.runPromise(
      startPostgres({ directory: join(folder, "postgres"), durable: false }).pipe(
        Effect.tap((postgres) => ensureDatabase(postgres, "bench")),
        Scope.provide(scope),
        Effect.provide(NodeServices.layer),
      ),
    )
    server = await startArtifactServer(database.urlOf("bench"), { dataFolder: folder })
    const at = server
    await lay(at)
    await age(at, 25)
    const bury = askMeanwhile(at)
    const buried = await timed(() => collectNow(at))
    const whileBuried = await bury()
    await query(
      at,
      "update store_path set collected_at = collected_at - interval '2 days' where collected_at is not null",
    )
    const remove = askMeanwhile(at)
    const deleted = await timed(() => collectNow(at))
    const whileDeleted = await remove()
    if (buried.value.pathsBuried === 0 || deleted.value.filesDeleted !== buried.value.pathsBuried)
      throw new Error(
        `it buried ${buried.value.pathsBuried} paths and deleted ${deleted.value.filesDeleted} files`,
      )
    const asked = (values: ReadonlyArray<number>) => [
      rowOf("a builder's question meanwhile, median", "ms", [{ ours: median(values), theirs: null }]),
      rowOf("a builder's question meanwhile, longest", "ms", [{ ours: Math.max(...values), theirs: null }]),
    ]
    const count = buried.value.pathsBuried.toLocaleString("en-US")
    return [
      rowOf(`finding and burying ${count} of 100,000 paths`, "s", [{ ours: buried.seconds, theirs: null }]),
      ...asked(whileBuried),
      rowOf("deleting them, rows and files", "s", [{ ours: deleted.seconds, theirs: null }]),
      ...asked(whileDeleted),
    ]
  } finally {
    await server?.close()
    await Effect.runPromise(Scope.close(scope, Exit.void))
    rmSync(folder, { recursive: true, force: true })
  }
}
