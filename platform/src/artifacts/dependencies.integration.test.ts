import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { usePostgres } from "../../../test/lab/fixtures.ts"
import {
  type ArtifactServer,
  otherUploadToken,
  startArtifactServer,
  uploadToken,
} from "../../test/artifactServer.ts"
import { addBuildOf, age, collectNow, query } from "../../test/collection.ts"
import { add } from "../../test/publisher.ts"
import { storePathOf } from "../../test/upload.ts"

const postgres = usePostgres()
let server: ArtifactServer
beforeAll(async () => {
  server = await startArtifactServer(await postgres().database())
})
afterAll(() => server.close())
beforeEach(async () => {
  await query(server, "truncate service_dependency, store_path, nar, build, deployment, service cascade")
  await addBuildOf(server, "svc_mine", uploadToken)
  await addBuildOf(server, "svc_theirs", otherUploadToken)
})

const path = (name: string) => storePathOf(name).path
/** Says what a build has used; gives the names of what is not there. */
const say = async (token: string, ...paths: ReadonlyArray<string>) => {
  const answer = await fetch(`${server.url}/cache/push/${token}/dependencies`, {
    method: "PUT",
    body: paths.join("\n"),
  })
  return { status: answer.status, lines: (await answer.text()).split("\n").filter((line) => line !== "") }
}
const mayRead = async (token: string, name: string) => {
  const Authorization = `Basic ${Buffer.from(`build:${token}`).toString("base64")}`
  const get = (file: string) => fetch(`${server.url}/cache/${file}`, { headers: { Authorization } })
  const info = await get(`${storePathOf(name).hash}.narinfo`)
  if (info.status !== 200) return false
  return (await get(/^URL: (.*)$/m.exec(await info.text())![1]!)).status === 200
}
const inTheStore = async () =>
  (await query<{ base: string }>(server, "select base from store_path where collected_at is null"))
    .map(({ base }) => base.slice(33))
    .sort()

describe("what a service's build has fetched", () => {
  it("is asked for once, and is found by its organization's builds from then on, and by no other's", async () => {
    expect(await say(uploadToken, path("crate"), path("module"))).toEqual({
      status: 200,
      lines: [path("crate"), path("module")],
    })
    await add(server, "crate")
    await add(server, "module", [], 20)
    expect(await mayRead(uploadToken, "crate")).toBe(false)
    expect(await say(uploadToken, path("crate"), path("module"))).toEqual({ status: 200, lines: [] })
    expect(await mayRead(uploadToken, "crate")).toBe(true)
    expect(await mayRead(otherUploadToken, "crate")).toBe(false)
    expect((await say(otherUploadToken, path("crate"))).lines).toEqual([])
    expect(await mayRead(otherUploadToken, "crate")).toBe(true)
    expect(await mayRead(otherUploadToken, "module")).toBe(false)
  })

  it("is refused when it is none, or a layer of an image, which is its organization's alone", async () => {
    const layer = `layer-${"0".repeat(64)}`
    await add(server, layer)
    expect((await say(uploadToken, path(layer))).status).toBe(400)
    expect((await say(uploadToken, "/nix/store/../etc/passwd")).status).toBe(400)
    expect((await say(uploadToken, ...Array.from({ length: 6000 }, () => path("crate")))).status).toBe(400)
    expect((await say("bld_wrong.token", path("crate"))).status).toBe(401)
    expect(await mayRead(uploadToken, layer)).toBe(false)
  })

  it("is nobody's when the build is of no service", async () => {
    await query(server, "delete from build")
    await add(server, "crate")
    expect(await say(uploadToken, path("crate"))).toEqual({ status: 200, lines: [] })
    expect(await mayRead(uploadToken, "crate")).toBe(false)
  })

  it("stays for as long as the service's newest build needs it, or has not for a month; and goes with the service", async () => {
    for (const name of ["old", "still", "new", "nobodys"]) await add(server, name, [], name.length)
    await say(uploadToken, path("old"), path("still"))
    await age(server, 24 * 100)
    await query(server, "update service_dependency set used_at = now() - interval '100 days'")
    await collectNow(server)
    expect(await inTheStore()).toEqual(["old", "still"])
    await add(server, "new", [], 3)
    await say(uploadToken, path("still"), path("new"))
    await query(
      server,
      "update service_dependency set used_at = used_at + interval '71 days' where used_at < now() - interval '1 day'",
    )
    await age(server, 24 * 10)
    await collectNow(server)
    expect(await inTheStore()).toEqual(["new", "old", "still"])
    await query(server, "update service_dependency set used_at = used_at - interval '2 days'")
    await collectNow(server)
    expect(await inTheStore()).toEqual(["new", "still"])
    expect(await query(server, "select from service_dependency")).toHaveLength(2)
    await query(server, "delete from service where id = 'svc_mine'")
    await collectNow(server)
    expect(await inTheStore()).toEqual([])
  })

  it("comes back when it was buried, and is not deleted from under who has just said it", async () => {
    await add(server, "crate")
    await age(server, 24 * 100)
    await collectNow(server)
    expect(await inTheStore()).toEqual([])
    expect((await say(uploadToken, path("crate"))).lines).toEqual([])
    await age(server, 24 * 100)
    await collectNow(server)
    expect(await inTheStore()).toEqual(["crate"])
  })

  it("is asked for again when its file was lost", async () => {
    await add(server, "crate")
    await query(server, "update nar set damage = 'missing', damaged_at = now()")
    expect((await say(uploadToken, path("crate"))).lines).toEqual([path("crate")])
  })
})
