import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { usePostgres } from "../../../../test/lab/fixtures.ts"
import { type ArtifactServer, startArtifactServer } from "../../../test/artifactServer.ts"
import { makeNixStore } from "../../../test/nixStore.ts"
import { hashOf, random, startUpstream, storedIn, type TestUpstream } from "../../../test/upstreamCache.ts"
import { fingerprint, parseNarInfo } from "../../domain/artifacts/narInfo.ts"
import { verifyFingerprint } from "../../domain/artifacts/signature.ts"
import { ArtifactStore } from "../ArtifactStore.ts"

const postgres = usePostgres()
const nix = makeNixStore()
let upstream: TestUpstream
let server: ArtifactServer
let publicKey: string

const narInfo = (path: string, below = "/cache") => fetch(`${server.url}${below}/${hashOf(path)}.narinfo`)
const files = () => storedIn(server.dataFolder).filter((name) => name.endsWith(".nar.zst"))

/** A machine that takes from the platform, and trusts its key alone. */
const onMachine = async <A>(use: (machine: ReturnType<typeof makeNixStore>) => Promise<A>) => {
  const machine = makeNixStore()
  return await use(machine).finally(machine.remove)
}
const trust = () => ["--option", "require-sigs", "true", "--option", "trusted-public-keys", publicKey]
const copyFrom = (machine: ReturnType<typeof makeNixStore>, ...paths: ReadonlyArray<string>) =>
  machine.nix("copy", "--from", `${server.url}/cache`, ...paths, ...trust())

beforeAll(async () => {
  upstream = await startUpstream()
  server = await startArtifactServer(await postgres().database(), {
    openCache: true,
    upstreams: [upstream.cache],
  })
  publicKey = await server.runtime.runPromise(Effect.map(ArtifactStore, (store) => store.publicKey))
})
afterAll(async () => {
  await server.close()
  await upstream.close()
  nix.remove()
})

describe("what an upstream cache has", () => {
  it("is taken by Nix as if it were here, checked, stored once and signed by both", async () => {
    const library = await nix.add("glib-2.0", { "lib/a": random(3_000_000), "bin/tool": "#!/bin/sh\n" })
    const application = await nix.write("editor-1.0", "uses ", [library])
    await upstream.add(nix, "xz", application)
    await onMachine(async (machine) => {
      await copyFrom(machine, application)
      await machine.nix("store", "verify", "--recursive", "--sigs-needed", "1", application, ...trust())
    })
    expect(files()).toHaveLength(2)
    const info = parseNarInfo(await (await narInfo(application)).text())
    expect(info.references.map(({ path }) => path)).toEqual([library])
    const keys = [publicKey, upstream.publicKey]
    for (const key of keys)
      expect(info.signatures.some((each) => verifyFingerprint(key, fingerprint(info), each))).toBe(true)
    upstream.requests.length = 0
    await onMachine((machine) => copyFrom(machine, application))
    expect(upstream.requests).toEqual([])
  })

  it("is a substitute for what Nix would build", async () => {
    const path = await nix.add("substitute", { file: "substitute" })
    await upstream.add(nix, "xz", path)
    await onMachine(async (machine) => {
      const from = ["--option", "substituters", `${server.url}/cache`]
      await machine.nix("build", "--no-link", path, ...from, ...trust())
      expect(JSON.parse(await machine.nix("path-info", "--json", path))[0].path).toBe(path)
    })
  })

  it.each(["none", "xz", "bzip2", "gzip", "zstd", "br"])("may be compressed as %s", async (compression) => {
    const path = await nix.add(`by-${compression}`, { file: random(30_000), name: compression })
    await upstream.add(nix, compression, path)
    expect(await (await narInfo(path)).text()).toContain("Compression: zstd")
    await onMachine(async (machine) => {
      await copyFrom(machine, path)
      await machine.nix("store", "verify", "--sigs-needed", "1", path, ...trust())
    })
  })

  it("comes with what it refers to, also for who has that already", async () => {
    const library = await nix.add("zlib-1.3", { file: "zlib" })
    const application = await nix.write("pack", "uses ", [library])
    await upstream.add(nix, "xz", application)
    await onMachine(async (machine) => {
      await machine.nix("copy", "--from", upstream.url, library, "--no-check-sigs")
      await copyFrom(machine, application)
    })
    expect(await (await narInfo(library)).text()).toContain("FileHash")
  })

  it("is not there for who uploads, until it is really here", async () => {
    const path = await nix.add("pushed", { file: "pushed" })
    await upstream.add(nix, "xz", path)
    const push = server.pushUrl.slice(server.url.length)
    expect((await narInfo(path)).status).toBe(200)
    expect((await narInfo(path, push)).status).toBe(404)
    await onMachine((machine) => copyFrom(machine, path))
    expect((await narInfo(path, push)).status).toBe(200)
  })

  it("keeps the address of its file when it was stored under another meanwhile", async () => {
    const path = await nix.add("address", { file: random(1000) })
    await upstream.add(nix, "xz", path)
    const url = /^URL: (.*)$/m.exec(await (await narInfo(path)).text())![1]
    const get = (headers = {}) => fetch(`${server.url}/cache/${url}`, { headers })
    const first = Buffer.from(await (await get()).arrayBuffer())
    expect(await (await narInfo(path)).text()).not.toContain(url)
    expect(Buffer.from(await (await get()).arrayBuffer()).equals(first)).toBe(true)
    expect((await get({ Range: "bytes=10-" })).status).toBe(206)
  })
})

it("brings nothing for who only asks, or names another archive than was signed", async () => {
  const path = await nix.add("unasked", { file: "unasked" })
  await upstream.add(nix, "xz", path)
  const url = /^URL: (.*)$/m.exec(await (await narInfo(path)).text())![1]!
  const other = `nar/${hashOf(path)}-${"0".repeat(52)}.nar.zst`
  upstream.requests.length = 0
  const ask = async (name: string, method: string) =>
    (await fetch(`${server.url}/cache/${name}`, { method })).status
  expect([await ask(url, "HEAD"), await ask(other, "HEAD"), await ask(other, "GET")]).toEqual([404, 404, 404])
  expect(upstream.requests).toEqual([])
  expect([await ask(url, "GET"), await ask(url, "HEAD")]).toEqual([200, 200])
})

it("is asked once by all who ask at the same time, and not again for a while about what it has not", async () => {
  const path = await nix.add("together", { file: random(500_000) })
  await upstream.add(nix, "xz", path)
  upstream.requests.length = 0
  const infos = await Promise.all(Array.from({ length: 20 }, async () => (await narInfo(path)).text()))
  const url = /^URL: (.*)$/m.exec(infos[0]!)![1]
  const nars = await Promise.all(
    Array.from({ length: 20 }, async () => (await fetch(`${server.url}/cache/${url}`)).status),
  )
  expect(nars.every((status) => status === 200)).toBe(true)
  expect(upstream.requests).toHaveLength(2)
  for (const _ of [1, 2, 3]) expect((await narInfo(`/nix/store/${"0".repeat(32)}-x`)).status).toBe(404)
  expect(upstream.requests).toHaveLength(3)
})

it("tells nobody upstream of what is here", async () => {
  const path = await nix.add("private", { file: "private" })
  await nix.copyTo(`${server.pushUrl}?compression=zstd`, path)
  upstream.requests.length = 0
  await onMachine((machine) => copyFrom(machine, path))
  expect(upstream.requests).toEqual([])
})
