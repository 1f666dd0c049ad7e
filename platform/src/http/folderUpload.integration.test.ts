import { createHash, randomBytes } from "node:crypto"
import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs"
import { createServer, request, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gunzipSync, gzipSync } from "node:zlib"
import { PgClient } from "@effect/sql-pg"
import { type FolderEntry, folderLimits } from "@skypanel/contract/folder/FolderEntry"
import { padding, tarEnd, tarHeader } from "@skypanel/contract/folder/tarHeader"
import type { OrganizationId } from "@skypanel/contract/Id"
import { Effect, Layer, ManagedRuntime, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import Koa from "koa"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { usePostgres } from "../../../test/lab/fixtures.ts"
import { until } from "../../../test/lab/until.ts"
import { addUser } from "../../test/administrators.ts"
import { storeFor } from "../../test/store.ts"
import { ArtifactConfig } from "../artifacts/ArtifactConfig.ts"
import { Auth } from "../auth/Auth.ts"
import { issueLocalToken } from "../auth/administrator.ts"
import { uploadToken } from "../domain/uploadToken.ts"
import { layerUploadAuthority } from "../fleet/uploadAuthority.ts"
import { FolderStore } from "../folders/FolderStore.ts"
import { folderMiddleware } from "./folderUpload.ts"

const secret = "0123456789012345678901234567890123456789"
const postgres = usePostgres()
const dataFolder = mkdtempSync(join(tmpdir(), "skypanel-folders-"))

const makeRuntime = (url: string) =>
  ManagedRuntime.make(
    Layer.mergeAll(FolderStore.layer, layerUploadAuthority, Auth.layer).pipe(
      Layer.provideMerge(
        ArtifactConfig.layer({ dataFolder, secret: Redacted.make(secret), reserveBytes: 0 }),
      ),
      Layer.provideMerge(storeFor(url)),
    ),
  )
type Runtime = ReturnType<typeof makeRuntime>
type Needs = Runtime extends ManagedRuntime.ManagedRuntime<infer R, infer _> ? R : never

let runtime: Runtime
let server: Server
let url = ""
let acme: OrganizationId
let alice = ""
let mallory = ""
const run = <A, E>(effect: Effect.Effect<A, E, Needs>) => runtime.runPromise(effect)

const member = (name: string, slug: string) =>
  Effect.gen(function* () {
    const { betterAuth } = yield* Auth
    const { id } = yield* addUser(name, "user")
    const organization = yield* Effect.promise(() =>
      betterAuth.api.createOrganization({ body: { name: slug, slug, userId: id } }),
    )
    return { token: yield* issueLocalToken(id), organization: organization!.id as OrganizationId }
  })

beforeAll(async () => {
  runtime = makeRuntime(await postgres().database())
  const ours = await run(member("alice", "acme"))
  alice = ours.token
  acme = ours.organization
  mallory = (await run(member("mallory", "evil"))).token
  const app = new Koa()
  app.on("error", () => undefined)
  app.use(await run(folderMiddleware))
  server = createServer(app.callback())
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}, 60_000)
afterAll(async () => {
  server?.closeAllConnections()
  server?.close()
  await runtime?.dispose()
  rmSync(dataFolder, { recursive: true, force: true })
})

const file = (path: string, text = ""): readonly [FolderEntry, string] => [
  { kind: "file", path, bytes: Buffer.byteLength(text), executable: false },
  text,
]
const link = (path: string, target: string): readonly [FolderEntry, string] => [
  { kind: "link", path, target },
  "",
]
const pack = (...entries: ReadonlyArray<readonly [FolderEntry, string]>) =>
  Buffer.concat([
    ...entries.flatMap(([entry, text]) => [
      ...tarHeader(entry),
      Buffer.from(text),
      padding(Buffer.byteLength(text)),
    ]),
    tarEnd,
  ])
const digestOf = (tar: Buffer) => createHash("sha256").update(tar).digest("hex")
const addressOf = (digest: string, slug = "acme") => `${url}/api/v1/organizations/${slug}/folders/${digest}`

const put = async (
  tar: Buffer,
  { token = alice, body = gzipSync(tar), slug = "acme", digest = digestOf(tar) } = {},
) => {
  const response = await fetch(addressOf(digest, slug), {
    method: "PUT",
    headers: { authorization: `Bearer ${token}`, "content-encoding": "gzip" },
    body,
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

const find = (digest: string) => run(Effect.flatMap(FolderStore, (store) => store.find(acme, digest)))
const filesOn = (folder: string) => {
  try {
    return readdirSync(join(dataFolder, "folders", folder))
  } catch {
    return []
  }
}
const rows = () =>
  run(
    Effect.flatMap(
      SqlClient.SqlClient,
      (sql) => sql<{ digest: string }>`select digest from folder order by 1`,
    ),
  )

describe("a folder that is uploaded", () => {
  it("is kept once, under its digest, for its organization", async () => {
    const tar = pack(file("a/b.txt", "hello"), link("l", "a/b.txt"))
    for (let time = 0; time < 2; time++)
      expect(await put(tar)).toEqual({
        status: 201,
        body: { digest: digestOf(tar), files: 2, bytes: 5 },
      })
    expect(filesOn(acme)).toEqual([`${digestOf(tar)}.tar.gz`])
    expect(filesOn("incoming")).toEqual([])
    expect(await find(digestOf(tar))).toEqual({ digest: digestOf(tar), files: 2, bytes: 5 })
    expect(await find("0".repeat(64))).toBeNull()
  })

  it("is taken from members only; for others the organization is not there", async () => {
    const tar = pack(file("mine"))
    expect(await put(tar, { token: "nobody" })).toMatchObject({ status: 401 })
    expect(await put(tar, { token: mallory })).toMatchObject({ status: 404, body: { _tag: "NotFound" } })
    expect(await find(digestOf(tar))).toBeNull()
  })

  it.each([
    ["a path that leads out", pack(file("a/../x")), /"a\/\.\.\/x": its path leads/],
    ["an absolute path", pack(file("/etc/cron.d/x")), /absolute/],
    ["a link that leads out", pack(link("a/l", "../../x")), /"a\/l": it is a link that leads out/],
    ["the same twice", pack(file("a"), file("a")), /twice/],
    ["a name that is too long", pack(file("n".repeat(300))), /longer than 255/],
    ["no tar", randomBytes(4096), /damaged/],
    ["half a tar", pack(file("a", "x".repeat(4000))).subarray(0, 2048), /breaks off/],
  ])("with %s is refused by name, and nothing of it stays", async (_, tar, reason) => {
    const before = (await rows()).length
    const { status, body } = await put(tar)
    expect(status).toBe(400)
    expect(body._tag).toBe("InvalidInput")
    expect(body.message).toMatch(reason)
    expect(filesOn("incoming")).toEqual([])
    expect(await rows()).toHaveLength(before)
  })

  it("is refused when it is not what was announced, not gzip, or cut off", async () => {
    const tar = pack(file("x", randomBytes(50_000).toString("hex")))
    expect((await put(tar, { digest: "0".repeat(64) })).body.message).toMatch(/SHA-256 differs/)
    expect((await put(tar, { digest: "nonsense" })).status).toBe(400)
    expect((await put(tar, { body: tar })).body.message).toMatch(/gzip/)
    expect((await put(tar, { body: gzipSync(tar).subarray(0, -20) })).body.message).toMatch(/gzip/)
    expect(filesOn("incoming")).toEqual([])
    expect(await find(digestOf(tar))).toBeNull()
  })

  it("is refused as soon as it is too much: a bomb is not unpacked", async () => {
    const [header] = tarHeader({
      kind: "file",
      path: "zeros",
      bytes: folderLimits.bytes + 1,
      executable: false,
    })
    const bomb = Buffer.concat([header!, Buffer.alloc(64 * 1024 ** 2)])
    expect((await put(bomb)).body.message).toMatch(/"zeros": the folder is larger/)
    const names = Array.from({ length: folderLimits.files + 1 }, (_, n) => file(String(n).padStart(6, "0")))
    expect((await put(pack(...names))).body.message).toMatch(/more than 50000 files/)
  })

  it("that breaks off leaves nothing", async () => {
    const tar = pack(file("x", randomBytes(500_000).toString("hex")))
    const body = gzipSync(tar)
    const sending = request(addressOf(digestOf(tar)), {
      method: "PUT",
      headers: {
        authorization: `Bearer ${alice}`,
        "content-encoding": "gzip",
        "content-length": body.length,
      },
    })
    sending.on("error", () => undefined)
    sending.write(body.subarray(0, 100_000))
    await until("it to arrive", async () => (filesOn("incoming").length === 1 ? true : null))
    sending.destroy()
    await until("it to be gone", async () => (filesOn("incoming").length === 0 ? true : null))
    expect(await find(digestOf(tar))).toBeNull()
    expect((await put(tar)).status).toBe(201)
  })
})

it("that comes slowly keeps nobody else's out", async () => {
  const slow = Array.from({ length: 8 }, () => {
    const sending = request(addressOf("0".repeat(64)), {
      method: "PUT",
      headers: { authorization: `Bearer ${alice}`, "content-encoding": "gzip", "content-length": 1000 },
    })
    sending.on("error", () => undefined).write(gzipSync("begun").subarray(0, 10))
    return sending
  })
  await until("some to be under way", async () => (filesOn("incoming").length >= 2 ? true : null))
  expect((await put(pack(file("theirs")), { token: mallory, slug: "evil" })).status).toBe(201)
  expect(filesOn("incoming")).toHaveLength(2)
  for (const one of slow) one.destroy()
  await until("them to be gone", async () => (filesOn("incoming").length === 0 ? true : null))
}, 10_000)

describe("a builder", () => {
  it("gets the folder of its own build, as long as that runs", async () => {
    const tar = pack(file("index.html", "built"))
    await put(tar)
    const source = {
      _tag: "folder",
      digest: digestOf(tar),
      files: 1,
      bytes: 5,
      origin: "upload",
      revision: null,
    }
    const build = `bld_${"b".repeat(24)}`
    await run(
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const pg = yield* PgClient.PgClient
        yield* sql`insert into worker (id, name) values ('wrk_1', 'builder')`
        yield* sql`insert into service (id, organization_id, organization_slug, name, source, environment, resources, port, host)
          values ('svc_1', ${acme}, 'acme', 'site', ${pg.json(source)}, '{}', '{}', 80, 'site')`
        yield* sql`insert into deployment (id, organization_id, service_id, number, trigger, source, environment, resources, port)
          values ('dep_1', ${acme}, 'svc_1', 1, 'deploy', ${pg.json(source)}, '{}', '{}', 80)`
        yield* sql`insert into build (id, organization_id, deployment_id, worker_id)
          values (${build}, ${acme}, 'dep_1', 'wrk_1')`
      }),
    )
    const get = async (token: string) => {
      const response = await fetch(`${url}/folders/${token}`)
      return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()) }
    }
    const token = uploadToken(secret, build as never)
    const got = await get(token)
    expect(got.status).toBe(200)
    expect(gunzipSync(got.bytes)).toEqual(tar)
    expect((await get(`${token}x`)).status).toBe(401)
    const sql = (text: string) =>
      run(Effect.flatMap(SqlClient.SqlClient, (client) => Effect.asVoid(client.unsafe(text))))
    // Then a builder asks again.
    await sql("alter table build rename to gone")
    expect((await get(token)).status).toBe(503)
    await sql("alter table gone rename to build")
    await sql("update build set finished_at = now()")
    expect((await get(token)).status).toBe(401)
  })
})

describe("the sweep", () => {
  const sweep = () => run(Effect.flatMap(FolderStore, (store) => store.sweep))
  const age = (hours: number) =>
    run(
      Effect.flatMap(
        SqlClient.SqlClient,
        (sql) => sql`update folder set used_at = now() - make_interval(hours => ${hours})`,
      ),
    )

  const databaseIsOld = () =>
    run(
      Effect.flatMap(
        SqlClient.SqlClient,
        (sql) => sql`update skypanel_migrations set created_at = now() - interval '30 days'`,
      ),
    )

  it("removes what has not been used for a day, but not what a service is made of", async () => {
    await put(pack(file("unused")))
    await age(23)
    const before = await rows()
    await sweep()
    expect(await rows()).toEqual(before)
    await age(25)
    await sweep()
    const digest = digestOf(pack(file("index.html", "built")))
    expect(await rows()).toEqual([{ digest }])
    expect(filesOn(acme)).toEqual([`${digest}.tar.gz`])
  })

  it("leaves what is older than the database: it may be the wrong one", async () => {
    const name = join(dataFolder, "folders", acme, `${"d".repeat(64)}.tar.gz`)
    writeFileSync(name, "")
    const old = new Date(Date.now() - 25 * 3_600_000)
    utimesSync(name, old, old)
    await sweep()
    expect(existsSync(name)).toBe(true)
    await databaseIsOld()
    await sweep()
    expect(existsSync(name)).toBe(false)
  })

  it("removes what a platform that was killed has left, and nothing that is under way", async () => {
    const place = join(dataFolder, "folders")
    const old = new Date(Date.now() - 25 * 3_600_000)
    for (const name of ["incoming/dead", `${acme}/${"e".repeat(64)}.tar.gz`]) {
      writeFileSync(join(place, name), "")
      utimesSync(join(place, name), old, old)
    }
    await databaseIsOld()
    writeFileSync(join(place, "incoming/alive"), "")
    writeFileSync(join(place, acme, `${"f".repeat(64)}.tar.gz`), "")
    await sweep()
    expect(filesOn("incoming")).toEqual(["alive"])
    expect(filesOn(acme)).toContain(`${"f".repeat(64)}.tar.gz`)
    expect(filesOn(acme)).not.toContain(`${"e".repeat(64)}.tar.gz`)
  })
})
