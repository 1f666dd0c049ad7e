import type { OrganizationId } from "@skypanel/contract/Id"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { usePostgres } from "../../../test/lab/fixtures.ts"
import { type ArtifactServer, startArtifactServer } from "../../test/artifactServer.ts"
import { add, addApplications, publish } from "../../test/publisher.ts"
import { storePathOf } from "../../test/upload.ts"
import { asTenant } from "../store/Tenant.ts"
import type { Publication } from "./Images.ts"

const postgres = usePostgres()
let server: ArtifactServer

beforeAll(async () => {
  server = await startArtifactServer(await postgres().database())
  await addApplications(server)
})
afterAll(() => server.close())

describe("publishing", () => {
  it("puts what is shared below and the application on top", async () => {
    const image = await publish(server, "svc_shop", "shop", { createdFor: "dep_1" })
    expect(image.layers).toHaveLength(4)
    expect(image.layers.every((layer) => layer.new)).toBe(true)
    expect(image.newBytes).toBe(image.totalBytes)
  })

  it("twice gives the same image; what was new is told again only for the same deployment", async () => {
    const again = await publish(server, "svc_shop", "shop", { createdFor: "dep_1" })
    expect(again.newBytes).toBe(again.totalBytes)
    const other = await publish(server, "svc_shop", "shop", { createdFor: "dep_2" })
    expect({ ...other, layers: other.layers.map((layer) => ({ ...layer, new: true })) }).toEqual({
      ...again,
      newBytes: 0,
    })
    expect(other.layers.some((layer) => layer.new)).toBe(false)
  })

  it("appends one layer when the application changes", async () => {
    const before = await publish(server, "svc_shop", "shop")
    const image = await publish(server, "svc_shop", "shop-next")
    const kept = before.layers.slice(0, 3).map((layer) => layer.digest)
    expect(image.layers.map((layer) => layer.digest)).toEqual([...kept, expect.any(String)])
    expect(image.layers.map((layer) => layer.new)).toEqual([false, false, false, true])
    expect(image.newBytes).toBe(image.layers[3]!.size)
  })

  it("begins with the layers that another service has", async () => {
    const shop = await publish(server, "svc_shop", "shop")
    const blog = await publish(server, "svc_blog", "blog")
    const digests = (layers: ReadonlyArray<{ digest: string }>) =>
      layers.slice(0, 3).map(({ digest }) => digest)
    expect(digests(blog.layers)).toEqual(digests(shop.layers))
  })

  it("at the same time gives the same image", async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => publish(server, "svc_race", "blog")))
    expect(new Set(all.map((image) => image.digest)).size).toBe(1)
  })

  it("is quick when one small path is new", async () => {
    await publish(server, "svc_quick", "shop")
    await add(server, "quick", ["runtime-1.0", "libc-2.0"], 1_000_000)
    const start = performance.now()
    await publish(server, "svc_quick", "quick")
    // It is a tenth of this on an idle machine; the benchmarks say exactly.
    expect(performance.now() - start).toBeLessThan(1000)
  })

  it.each<[string, string, Partial<Publication>]>([
    ["was not uploaded", "absent", {}],
    ["is no store path", "shop", { storePath: "/etc/passwd" }],
    ["the command is not in the closure", "shop", { command: ["/bin/sh"] }],
    ["the command is not in the closure", "shop", { command: [] }],
    ["the command is not in the closure", "shop", { command: [`${storePathOf("blog").path}/bin/run`] }],
    ["the working directory is not allowed", "shop", { workingDirectory: "/proc/self/fd/8" }],
    ["the user is not numeric", "shop", { user: "root" }],
  ])("is refused: %s", async (why, name, more) => {
    await expect(publish(server, "svc_bad", name, more)).rejects.toThrow(why)
  })
})

it("is laid anew after many deployments, never with too many layers", async () => {
  let counts: ReadonlyArray<number> = []
  const parts: Array<string> = []
  for (let round = 0; round < 105; round++) {
    parts.push(`part-${round}`)
    await add(server, `part-${round}`, [], 10)
    await add(server, `app-${round}`, ["libc-2.0", ...parts], 10)
    counts = [...counts, (await publish(server, "svc_many", `app-${round}`)).layers.length]
  }
  expect(Math.max(...counts)).toBeLessThanOrEqual(100)
  expect(counts.at(-1)).toBeLessThan(Math.max(...counts))
}, 120_000)

it("shows a tenant the rows of its own images only", async () => {
  await publish(server, "svc_mine", "shop")
  await publish(server, "svc_theirs", "shop", { organizationId: "org_2" })
  const count = Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql<{ owner: string }>`select distinct i.organization_id as owner
      from image i join image_layer l using (organization_id) order by 1`,
  )
  const seen = (owner: string) => server.runtime.runPromise(asTenant(owner as OrganizationId, count))
  expect(await seen("org_2")).toEqual([{ owner: "org_2" }])
  expect(await seen("org_3")).toEqual([])
})
