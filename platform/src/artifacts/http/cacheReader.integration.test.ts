import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { usePostgres } from "../../../../test/lab/fixtures.ts"
import {
  type ArtifactServer,
  startArtifactServer,
  unansweredToken,
  uploadToken,
} from "../../../test/artifactServer.ts"
import { makeNixStore } from "../../../test/nixStore.ts"
import { add, publish } from "../../../test/publisher.ts"
import { storePathOf } from "../../../test/upload.ts"
import { startUpstream, type TestUpstream } from "../../../test/upstreamCache.ts"
import { CacheCredential } from "../CacheCredential.ts"

const postgres = usePostgres()
const nix = makeNixStore()
let server: ArtifactServer
let upstream: TestUpstream
let everything: string

const build = `build:${uploadToken}`
const get = (name: string, as: string) =>
  fetch(`${server.url}/cache/${name}`, {
    headers: { Authorization: `Basic ${Buffer.from(as).toString("base64")}` },
  })
const narInfo = async (hash: string, as: string) => {
  const answer = await get(`${hash}.narinfo`, as)
  return { status: answer.status, url: /^URL: (.*)$/m.exec(await answer.text())?.[1] ?? "" }
}

beforeAll(async () => {
  upstream = await startUpstream()
  server = await startArtifactServer(await postgres().database(), { upstreams: [upstream.cache] })
  const { username, password } = await server.runtime.runPromise(
    Effect.map(CacheCredential, ({ credential }) => credential),
  )
  everything = `${username}:${password}`
  // Equal archives are one file, which belongs to all who have one.
  for (const name of ["mine", "theirs", "nobodys"]) await add(server, name, [], name.length)
  await publish(server, "svc_mine", "mine")
  await publish(server, "svc_theirs", "theirs", { organizationId: "org_2" })
})
afterAll(async () => {
  await server.close()
  await upstream.close()
  nix.remove()
})

describe("a build that reads the cache", () => {
  it("finds what its organization's images hold", async () => {
    const { status, url } = await narInfo(storePathOf("mine").hash, build)
    expect(status).toBe(200)
    expect((await get(url, build)).status).toBe(200)
  })

  it.each(["theirs", "nobodys"])("finds nothing of %s, by whatever name", async (name) => {
    const { hash } = storePathOf(name)
    const known = await narInfo(hash, everything)
    expect(known.status).toBe(200)
    const text = await (await get(`${hash}.narinfo`, everything)).text()
    const narHash = /^NarHash: sha256:(.*)$/m.exec(text)![1]
    expect((await narInfo(hash, build)).status).toBe(404)
    expect((await get(known.url, build)).status).toBe(404)
    expect((await get(`nar/${hash}-${narHash}.nar.zst`, build)).status).toBe(404)
    expect((await get(`nar/${hash}-${narHash}.nar.zst`, everything)).status).toBe(200)
  })

  it("finds what is everybody's, also when it has yet to come", async () => {
    const path = await nix.add("common", { file: "common" })
    await upstream.add(nix, "xz", path)
    for (const _ of ["awaited", "here"]) {
      const { status, url } = await narInfo(path.slice(11, 43), build)
      expect(status).toBe(200)
      expect((await get(url, build)).status).toBe(200)
    }
  })

  it("reads with the token of a build that runs, and with no other", async () => {
    for (const wrong of ["build:bld_other.token", "build:", `cache:${uploadToken}`])
      expect((await get("nix-cache-info", wrong)).status).toBe(401)
    expect((await get("nix-cache-info", build)).status).toBe(200)
  })

  it("is told to ask again while the database does not answer, as is one that uploads", async () => {
    expect((await get("nix-cache-info", `build:${unansweredToken}`)).status).toBe(503)
    expect((await fetch(`${server.url}/cache/push/${unansweredToken}/nix-cache-info`)).status).toBe(503)
  })
})
