import { spawn } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { Effect } from "effect"
import { evaluateWith, prepare, realise } from "../nixos/embedded/evaluation.ts"
import { CacheCredential } from "../platform/src/artifacts/CacheCredential.ts"
import { query } from "../platform/test/collection.ts"
import { run, until } from "./processes.ts"
import { name, type Published, withPublishedImage } from "./publishedImage.ts"
import { type Place, readAll } from "./readers.ts"
import { freePort } from "./registryServer.ts"
import { type Pair, type Row, rowOf } from "./row.ts"

const MB = 1e6

const textAt = async ({ origin, credential }: Place, path: string): Promise<Buffer> => {
  const basic = Buffer.from(`${credential?.username}:${credential?.password}`).toString("base64")
  const headers = { "Accept-Encoding": "identity", ...(credential && { Authorization: `Basic ${basic}` }) }
  const answer = await fetch(`${origin}${path}`, { headers })
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`)
  return Buffer.from(await answer.arrayBuffer())
}

/** Debian's nginx from the embedded package set, over the folder. */
const startNginx = async (folder: string) => {
  const set = await prepare()
  const drv = await evaluateWith(
    set,
    "unused",
    { path: set.entry, narHash: set.narHash },
    "pkgs.nginx.drvPath",
  )
  const nginx = await realise(set, drv)
  const port = await freePort()
  const file = join(folder, "nginx.conf")
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((kind) => `${kind}_temp_path ${folder}/temporary;`)
    .join(" ")
  writeFileSync(
    file,
    `user root; daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log; worker_processes 1;
    events {} http { access_log off; sendfile on; ${temporary}
    server { listen 127.0.0.1:${port}; root ${folder}/files; default_type application/octet-stream; } }`,
  )
  const child = spawn(join(nginx, "bin", "nginx"), ["-c", file, "-e", `${folder}/error.log`], {
    stdio: "ignore",
  })
  const origin = `http://127.0.0.1:${port}`
  const answers = () =>
    fetch(origin).then(
      () => true,
      () => false,
    )
  await until("nginx to answer", performance.now(), answers, { seconds: 20 })
  return { origin, stop: () => child.kill("SIGTERM") }
}

/** What the platform serves, as files. */
const writeFiles = async (folder: string, places: ReadonlyArray<Place>) => {
  for (const place of places)
    for (const path of place.paths) {
      const file = join(folder, "files", path)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, await textAt(place, path))
    }
}

/** Seconds of `nix copy` into a store that has nothing. */
const copy = async (folder: string, origin: string, storePath: string): Promise<number> => {
  const store = mkdtempSync(join(folder, "store-"))
  const begun = performance.now()
  await run("env", [
    "NIX_CONF_DIR=/var/empty",
    `HOME=${folder}`,
    `NIX_CONFIG=experimental-features = nix-command\nbuild-users-group =\nsubstituters =\nrequire-sigs = false\nnetrc-file = ${folder}/netrc`,
    ...["nix", "copy", "--from", `${origin}/cache`, "--to", `local?root=${store}`, storePath],
  ])
  const took = (performance.now() - begun) / 1000
  rmSync(store, { recursive: true, force: true })
  return took
}

const measure = async ({ server, image, password, folder }: Published, runs: number) => {
  const cacheCredential = await server.runtime.runPromise(
    Effect.map(CacheCredential, ({ credential }) => credential),
  )
  const rows = await query<{ base: string }>(server, "select base from store_path order by base")
  const bases = rows.map(({ base }) => base)
  const cache = (paths: ReadonlyArray<string>): Place => ({
    origin: server.url,
    credential: cacheCredential,
    paths,
  })
  const infos = cache([
    "/cache/nix-cache-info",
    ...bases.map((base) => `/cache/${base.slice(0, 32)}.narinfo`),
  ])
  const urls = await Promise.all(
    infos.paths.slice(1).map(async (path) => /^URL: (.*)$/m.exec(String(await textAt(infos, path)))![1]!),
  )
  const archives = cache([...new Set(urls)].map((url) => `/cache/${url}`))
  const layers: Place = {
    origin: server.url,
    credential: { username: name, password },
    paths: image.layers.map(({ digest }) => `/v2/${name}/blobs/${digest}`),
  }
  await writeFiles(folder, [infos, archives, layers])
  writeFileSync(
    join(folder, "netrc"),
    `machine 127.0.0.1 login ${cacheCredential.username} password ${cacheCredential.password}\n`,
  )
  const nginx = await startNginx(folder)
  /** Megabytes a second, of all paths at once. */
  const rate = async (place: Place, bytes: number) => bytes / MB / ((await readAll(folder, place)) / 1000)
  const sizeOf = ({ paths }: Place) =>
    paths.reduce((sum, path) => sum + statSync(join(folder, "files", path)).size, 0)
  const asFiles = ({ paths }: Place): Place => ({ origin: nginx.origin, credential: null, paths })
  const application = `/nix/store/${bases.find((base) => base.endsWith("-application"))}`
  try {
    const rates = async (place: Place): Promise<ReadonlyArray<Pair>> => {
      const taken: Array<Pair> = []
      const bytes = sizeOf(place)
      for (let round = 0; round < runs; round++)
        taken.push({ ours: await rate(place, bytes), theirs: await rate(asFiles(place), bytes) })
      return taken
    }
    const copies: Array<Pair> = []
    for (let round = 0; round < runs; round++)
      copies.push({
        ours: await copy(folder, server.url, application),
        theirs: await copy(folder, nginx.origin, application),
      })
    const what = `${(image.totalBytes / MB).toFixed(0)} MB`
    // Of a rate more is better: the other way round than of a time.
    const rateRow = (title: string, pairs: ReadonlyArray<Pair>): Row => {
      const row = rowOf(title, "MB/s", pairs)
      return { ...row, ratio: row.ratio === null ? null : 1 / row.ratio }
    }
    return [
      rateRow(`layers of an image (${what}) read at once, cold engine (against nginx)`, await rates(layers)),
      rateRow("archives of the same closure read from the cache (against nginx)", await rates(archives)),
      rowOf("nix copy of the closure into an empty store (against nginx)", "s", copies),
    ]
  } finally {
    nginx.stop()
  }
}

/** Registry and cache against nginx, which serves the same bytes as files. */
export const throughputBenchmark = (runs: number): Promise<ReadonlyArray<Row>> =>
  withPublishedImage((published) => measure(published, runs))
