import { execFileSync, spawn } from "node:child_process"
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { open } from "node:fs/promises"
import { join } from "node:path"
import { defaultArtifactPolicy } from "@skypanel/contract/Artifacts"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { usePostgres } from "../../../../test/lab/fixtures.ts"
import { until } from "../../../../test/lab/until.ts"
import { type ArtifactServer, startArtifactServer } from "../../../test/artifactServer.ts"
import { addRelease, addService, age, collectNow, query } from "../../../test/collection.ts"
import { add, publish } from "../../../test/publisher.ts"
import { storePathOf } from "../../../test/upload.ts"
import { Collector, runCollections } from "./Collector.ts"
import { plan } from "./collect.ts"
import { listPins, pinPath, pinRelease, unpin } from "./pins.ts"
import { listRuns } from "./runs.ts"
import { takeSample } from "./samples.ts"
import { artifactStatus } from "./status.ts"
import { repair } from "./verify.ts"

/** What an operator sees and does. */

const postgres = usePostgres()
let url: string
let server: ArtifactServer
beforeAll(async () => {
  url = await postgres().database()
  server = await startArtifactServer(url, { openCache: true })
  await add(server, "libc", [], 5000)
  await add(server, "shop", ["libc"], 1001)
  await add(server, "blog", ["libc"], 1002)
  await add(server, "unused", ["libc"], 1003)
  for (const [service, path] of [
    ["svc_shop", "shop"],
    ["svc_blog", "blog"],
  ] as const) {
    const organization = `org_${path}`
    await addService(server, service, organization)
    const { digest } = await publish(server, service, path, { organizationId: organization })
    await addRelease(server, service, 1, digest, "live", organization)
  }
})
afterAll(() => server.close())

const run: ArtifactServer["runtime"]["runPromise"] = (effect, options) =>
  server.runtime.runPromise(effect, options)
const status = () => run(artifactStatus)
const narInfo = async (name: string) =>
  (await fetch(`${server.url}/cache/${storePathOf(name).hash}.narinfo`)).status
const pushed = async (name: string) =>
  (await fetch(`${server.pushUrl}/${storePathOf(name).hash}.narinfo`)).status

it("tells what is whose, and how large all is", async () => {
  await run(takeSample)
  await run(takeSample)
  const seen = await status()
  expect([seen.files, seen.paths, seen.buriedPaths]).toEqual([4, 4, 0])
  const size = { at: expect.any(String), fileBytes: seen.fileBytes, paths: 4 }
  expect(seen.growth, "of the hour, and now").toEqual([size, size])
  const [first, second] = seen.organizations
  expect([first?.organization, second?.organization].sort()).toEqual(["org_blog", "org_shop"])
  expect(first!.uniqueBytes).toBeGreaterThan(500)
  expect(first!.sharedBytes).toBe(second!.sharedBytes)
  expect(first!.sharedBytes).toBeGreaterThan(3000)
  expect(seen.freeBytes).toBeGreaterThan(0)
})

it("counts requests, and writes the counts when it ends", async () => {
  const other = await startArtifactServer(url, { openCache: true, dataFolder: server.dataFolder })
  for (const name of ["libc", "absent"]) await fetch(`${other.url}/cache/${storePathOf(name).hash}.narinfo`)
  await other.close()
  expect((await status()).traffic).toContainEqual({ kind: "narinfo", hits: 1, misses: 1 })
})

it("says what would go, and does not do it", async () => {
  await age(server, 25)
  const planned = await run(plan({ ...defaultArtifactPolicy, keepReleases: 1, totalBytes: 0 }))
  expect(planned).toMatchObject({
    images: [],
    paths: 1,
    largest: [{ storePath: storePathOf("unused").base }],
  })
  expect(planned.overBytes).toBeGreaterThan(5000)
  expect(await narInfo("unused")).toBe(200)
})

describe("a pin", () => {
  it("keeps a path with what it refers to, until it is taken off", async () => {
    const id = await run(pinPath(storePathOf("unused").path, "for the support", "root@example.com"))
    await age(server, 25)
    expect((await collectNow(server)).pathsBuried).toBe(0)
    expect(await run(listPins)).toMatchObject([
      { id, storePath: storePathOf("unused").base, reason: "for the support" },
    ])
    await expect(run(pinPath(storePathOf("unused").base, "", ""))).rejects.toThrow("pinned already")
    await expect(run(pinPath("/nix/store/nothing", "", ""))).rejects.toThrow("does not have")
    await run(unpin(id))
    await expect(run(unpin(id))).rejects.toThrow("no pin")
    await age(server, 25)
    expect((await collectNow(server)).pathsBuried).toBe(1)
  })

  it("keeps a release, and brings its image back within the grace time", async () => {
    await query(server, "update image set collected_at = now() where service_id = 'svc_blog'")
    await run(
      pinRelease({ organization: "org_blog", service: "svc_blog", number: 1 }, "a demonstration", "root"),
    )
    expect(await query(server, "select digest from image where collected_at is not null")).toEqual([])
    const [pin] = await run(listPins)
    expect(pin?.release).toEqual({ organization: "org_blog", service: "svc_blog", number: 1 })
    await run(unpin(pin!.id))
  })
})

describe("the collector", () => {
  it("runs once at a time, also beside another platform, and keeps a record", async () => {
    const other = await startArtifactServer(url, { dataFolder: server.dataFolder })
    const start = (at: ArtifactServer) =>
      at.runtime.runPromise(Effect.flatMap(Collector, (collector) => collector.finish("collection", "root")))
    const ran = await Promise.all([start(server), start(other), start(server)])
    await other.close()
    expect(ran).toContain(true)
    expect(ran.filter((yes) => yes)).toHaveLength((await run(listRuns)).length)
    expect(await start(server)).toBe(true)
    expect((await run(listRuns))[0]).toMatchObject({ kind: "collection", state: "done", startedBy: "root" })
  })

  it("collects also while a verification goes on, which may take hours", async () => {
    const which = "file_hash in (select file_hash from store_path where base like '%-shop')"
    await query(server, `update nar set file_size = file_size + 1 where ${which}`)
    const collectBeside = async () => {
      const verification = await run(
        Effect.flatMap(Collector, (collector) => collector.start("verification", "root")),
      )
      const collect = Effect.flatMap(Collector, (collector) => collector.finish("collection", "root"))
      expect(await run(collect)).toBe(true)
      const state = async () => (await run(listRuns)).find(({ id }) => id === verification?.id)?.state
      expect(await state()).toBe("running")
      return state
    }
    // The verification waits with what it finds.
    const state = await run(
      Effect.flatMap(SqlClient.SqlClient, (sql) =>
        sql.withTransaction(
          Effect.andThen(
            sql.unsafe(`select from nar where ${which} for update`),
            Effect.promise(collectBeside),
          ),
        ),
      ),
    )
    await until("the verification to end", async () => ((await state()) === "done" ? true : null))
    await query(
      server,
      `update nar set file_size = file_size - 1, damage = null, damaged_at = null where ${which}`,
    )
  })

  it("begins one again soon that failed", async () => {
    await query(server, "update artifact_run set started_at = started_at - interval '7 hours'")
    await query(
      server,
      `insert into artifact_run (id, kind, state, started_by, started_at, progress)
       values ('run_failed', 'collection', 'failed', 'SkyPanel', now() - interval '11 minutes', '{}')`,
    )
    const looking = new AbortController()
    const ended = run(runCollections, { signal: looking.signal }).catch(() => undefined)
    await until("another one to be done", async () =>
      (await run(listRuns))[0]!.state === "done" ? true : null,
    ).finally(() => looking.abort())
    await ended
  })

  it("that is killed with a file deleted and its row not lets another one end it", async () => {
    await add(server, "short-lived", ["libc"], 1005)
    await age(server, 25)
    await collectNow(server)
    await age(server, 25)
    const program = join(import.meta.dirname, "../../../test/collectingProcess.ts")
    const killed = await new Promise((resolve) =>
      spawn(process.execPath, [program, url, server.dataFolder], {
        env: { ...process.env, SKYPANEL_FAILPOINT: "file-deleted", SKYPANEL_DEVELOPMENT: "true" },
      }).once("exit", (_, signal) => resolve(signal)),
    )
    expect(killed).toBe("SIGKILL")
    const rows = () => query(server, "select file_hash from nar where file_size = 0 or damage is not null")
    expect(
      await query(
        server,
        "select file_hash from nar n where not exists (select from store_path p where p.file_hash = n.file_hash)",
      ),
    ).not.toEqual([])
    await until("the lock of the dead one to be free", () =>
      run(Effect.flatMap(Collector, (collector) => collector.finish("collection", "root"))).then(
        (yes) => yes || null,
      ),
    )
    expect(
      await query(
        server,
        "select file_hash from nar n where not exists (select from store_path p where p.file_hash = n.file_hash)",
      ),
    ).toEqual([])
    expect(await rows()).toEqual([])
    expect((await run(listRuns)).slice(0, 2)).toMatchObject([
      { state: "done", startedBy: "root" },
      { state: "failed", startedBy: "a process that dies", message: "The platform ended meanwhile." },
    ])
  })

  it("finds a damaged file; repaired, it is uploaded again and all is well", async () => {
    const [row] = await query<{ file_hash: string }>(
      server,
      "select file_hash from store_path where base like '%-shop'",
    )
    const folder = join(server.dataFolder, "artifacts/nar", row!.file_hash.slice(0, 2))
    const path = join(folder, readdirSync(folder).find((name) => name.startsWith(row!.file_hash))!)
    const bytes = readFileSync(path)
    bytes[bytes.length - 5]! ^= 1
    writeFileSync(path, bytes)
    const verification = await run(
      Effect.flatMap(Collector, (collector) => collector.start("verification", "root")),
    )
    await until("the verification to end", async () =>
      (await run(listRuns)).some(({ id, state }) => id === verification?.id && state === "done")
        ? true
        : null,
    )
    expect((await run(listRuns))[0]?.progress).toMatchObject({ filesRead: 3, damaged: 1 })
    expect((await status()).damage).toMatchObject([
      {
        fileHash: row!.file_hash,
        kind: "changed",
        storePaths: [storePathOf("shop").base],
        releases: [{ organization: "org_shop", service: "svc_shop", number: 1 }],
      },
    ])
    expect(await run(repair)).toBe(1)
    expect([await narInfo("shop"), await pushed("shop")]).toEqual([404, 404])
    expect((await status()).damage).toMatchObject([{ kind: "missing" }])
    await add(server, "shop", ["libc"], 1001)
    expect([await narInfo("shop"), await pushed("shop")]).toEqual([200, 200])
    expect((await status()).damage).toEqual([])
    expect(await run(repair)).toBe(0)
  })

  it("holds no upload up while it looks at a damaged file again, and leaves what was uploaded meanwhile", async () => {
    const [row] = await query<{ file_hash: string }>(
      server,
      `update nar set damage = 'changed', damaged_at = now()
       where file_hash in (select file_hash from store_path where base like '%-shop') returning file_hash`,
    )
    const path = join(
      server.dataFolder,
      "artifacts/nar",
      row!.file_hash.slice(0, 2),
      `${row!.file_hash}.nar.zst`,
    )
    renameSync(path, `${path}.uploaded`)
    // A file that is read for as long as the test wants.
    execFileSync("mkfifo", [path])
    const repairing = run(repair)
    const slow = await open(path, "w")
    await query(server, "select from nar where file_hash = $1 for update nowait", [row!.file_hash])
    renameSync(`${path}.uploaded`, path)
    await query(server, "update nar set damage = null, damaged_at = null")
    await slow.close()
    expect(await repairing).toBe(0)
    expect(await narInfo("shop")).toBe(200)
    expect(existsSync(path)).toBe(true)
  })
})
