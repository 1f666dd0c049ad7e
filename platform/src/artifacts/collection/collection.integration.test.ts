import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { usePostgres } from "../../../../test/lab/fixtures.ts"
import { until } from "../../../../test/lab/until.ts"
import { type ArtifactServer, startArtifactServer } from "../../../test/artifactServer.ts"
import { addRelease, addService, age, collectNow, cutOffAt, query } from "../../../test/collection.ts"
import { add, getFromRegistry, publish, repository } from "../../../test/publisher.ts"
import { push, putNar, putNarInfo, storePathOf, treeUpload } from "../../../test/upload.ts"
import { file } from "../../domain/artifacts/nar.ts"
import { collectionInstants } from "./failpoint.ts"

const postgres = usePostgres()
let server: ArtifactServer
beforeEach(async () => {
  server = await startArtifactServer(await postgres().database(), { openCache: true })
})
afterEach(() => server.close())

const status = async (name: string) =>
  (await fetch(`${server.url}/cache/${storePathOf(name).hash}.narinfo`)).status
/** What a builder is told, and holds it to. */
const claim = async (name: string) =>
  (await fetch(`${server.pushUrl}/${storePathOf(name).hash}.narinfo`)).status

const files = () =>
  readdirSync(join(server.dataFolder, "artifacts/nar"), { recursive: true }).filter((name) =>
    String(name).endsWith(".zst"),
  ).length

/** Pulls every byte as an engine would, and checks it. */
const pull = async (serviceId: string, digest: string) => {
  const name = repository(serviceId)
  const manifest = await getFromRegistry(server, `${name}/manifests/${digest}`, name)
  if (manifest.status !== 200) return manifest.status
  const { config, layers } = (await manifest.json()) as {
    config: { digest: string }
    layers: Array<{ digest: string }>
  }
  for (const blob of [config, ...layers]) {
    const answer = await getFromRegistry(server, `${name}/blobs/${blob.digest}`, name)
    const bytes = Buffer.from(await answer.arrayBuffer())
    expect(`sha256:${createHash("sha256").update(bytes).digest("hex")}`).toBe(blob.digest)
  }
  return 200
}

/** A release of an image that does not continue the layers of the one before, as after a rebase. */
const release = async (number: number) => {
  await query(server, "update image set collected_at = now()")
  const { digest } = await publish(server, "svc_shop", `shop-${number}`)
  await query(server, "update image set collected_at = null")
  await addRelease(server, "svc_shop", number, digest)
  return digest
}

/** Two releases of a service on one runtime, and paths that nothing leads to. */
const scene = async () => {
  await add(server, "libc", [], 5000)
  await add(server, "shop-1", ["libc"], 1001)
  await add(server, "shop-2", ["libc"], 1002)
  await add(server, "unused-library", ["libc"], 1003)
  await add(server, "unused", ["unused-library"], 1004)
  await addService(server, "svc_shop")
  return [await release(1), await release(2)] as const
}

describe("a collection", () => {
  it("buries what nothing leads to, deletes it a grace time later, and touches nothing else", async () => {
    const digests = await scene()
    expect((await collectNow(server)).pathsBuried).toBe(0)
    await age(server, 25)
    expect((await collectNow(server)).pathsBuried).toBe(2)
    expect([await status("unused"), await status("unused-library"), await status("libc")]).toEqual([
      404, 404, 200,
    ])
    expect(files()).toBe(5)
    await age(server, 25)
    const second = await collectNow(server)
    expect([second.pathsDeleted, second.filesDeleted]).toEqual([2, 2])
    expect(second.bytesDeleted).toBeGreaterThan(1000)
    expect(files()).toBe(3)
    for (const digest of digests) expect(await pull("svc_shop", digest)).toBe(200)
  })

  it("brings back what a builder would upload again, with everything it refers to", async () => {
    await scene()
    await age(server, 25)
    await collectNow(server)
    expect(await claim("unused")).toBe(200)
    expect([await status("unused"), await status("unused-library")]).toEqual([200, 200])
    await age(server, 23)
    expect((await collectNow(server)).pathsBuried).toBe(0)
  })

  it("keeps what a builder was told is there, and a file whose path is not registered yet", async () => {
    await scene()
    const upload = treeUpload("half", file("half"))
    await age(server, 23)
    expect(await claim("unused")).toBe(200)
    await putNar(server.pushUrl, upload.file)
    await age(server, 2)
    expect((await collectNow(server)).pathsBuried).toBe(0)
    expect((await putNarInfo(server.pushUrl, upload.info)).status).toBe(200)
    expect(await claim("unused-library")).toBe(200)
  })

  it("keeps everything that was there when the oldest build began that is still going on", async () => {
    await scene()
    await addRelease(server, "svc_shop", 3, "none", null)
    await query(
      server,
      `insert into build (id, organization_id, deployment_id, created_at)
       select 'bld_1', organization_id, id, now() - interval '60 hours' from deployment where finished_at is null`,
    )
    await age(server, 50)
    expect((await collectNow(server)).pathsBuried).toBe(0)
    await query(server, "update deployment set finished_at = now()")
    expect((await collectNow(server)).pathsBuried).toBe(2)
  })

  it("brings an image back that is published again, with its paths", async () => {
    await scene()
    await query(server, "delete from release")
    await age(server, 25)
    expect((await collectNow(server)).imagesBuried).toBe(2)
    const { digest } = await publish(server, "svc_shop", "shop-1")
    await addRelease(server, "svc_shop", 3, digest)
    await age(server, 25)
    const { imagesDeleted, layersDeleted } = await collectNow(server)
    expect([imagesDeleted, layersDeleted > 0, await status("shop-2")]).toEqual([1, true, 404])
    expect(await pull("svc_shop", digest)).toBe(200)
    const again = await publish(server, "svc_shop", "shop-1")
    expect(again.digest).toBe(digest)
  })

  it("lets the oldest releases go over the budget, and never those that are kept", async () => {
    await scene()
    for (const number of [3, 4, 5]) {
      await add(server, `shop-${number}`, ["libc"], 100_000 + number)
      await release(number)
    }
    await age(server, 25)
    const answered = async () =>
      (
        await query<{ number: number }>(
          server,
          `select r.number from release r join image i on i.digest = r.image_digest where i.collected_at is null order by 1`,
        )
      ).map((row) => row.number)
    const [kept] = await query<{ bytes: number }>(
      server,
      `select sum(file_size)::int as bytes from store_path join nar using (file_hash)
       where base ~ '-(libc|shop-[345])$'`,
    )
    await collectNow(server, { keepReleases: 1, organizationBytes: kept!.bytes })
    expect(await answered()).toEqual([3, 4, 5])
    await collectNow(server, { keepReleases: 3, totalBytes: 0 })
    expect(await answered()).toEqual([3, 4, 5])
    await collectNow(server, { keepReleases: 1, totalBytes: 0 })
    expect(await answered()).toEqual([4, 5])
  })
})

describe("cut off", () => {
  it.each(collectionInstants)("at %s it ends right the next time", async (instant) => {
    const digests = await scene()
    await query(server, "delete from release where number = 1")
    const folder = join(server.dataFolder, "artifacts/nar/ab")
    mkdirSync(folder, { recursive: true })
    const orphan = join(folder, `${"ab".repeat(32)}.nar.zst`)
    writeFileSync(orphan, "x")
    utimesSync(orphan, new Date(0), new Date(0))
    await query(server, "update skypanel_migrations set created_at = '1960-01-01'")
    await age(server, 25)
    // What it buries is due only the next time.
    const cut = () =>
      collectNow(server, {}, cutOffAt(instant)).then(
        () => false,
        () => true,
      )
    const first = await cut()
    await age(server, 25)
    expect((await cut()) || first).toBe(true)
    await age(server, 25)
    for (let round = 0; round < 2; round++) {
      await collectNow(server)
      await age(server, 25)
    }
    expect(await query(server, "select base from store_path order by base")).toHaveLength(2)
    expect([files(), existsSync(orphan)]).toEqual([2, false])
    expect(await query(server, "select file_hash from nar where damage is not null")).toEqual([])
    expect(await pull("svc_shop", digests[1]!)).toBe(200)
  })
})

it("lets an upload in at every instant, which is whole afterwards", async () => {
  const upload = treeUpload("unused-library", file(`${storePathOf("libc").path} ${"again".repeat(100)}`), [
    storePathOf("libc"),
  ])
  await scene()
  for (const instant of collectionInstants) {
    // Nothing refers to it: it goes with this collection, unless the builder is in time.
    await age(server, 25)
    await collectNow(server)
    await age(server, 25)
    let sending: Promise<void> | undefined
    await collectNow(server, {}, (at) =>
      Effect.promise(async () => {
        if (at !== instant || sending !== undefined) return
        sending = (async () => {
          if ((await claim("unused-library")) === 404) await push(server.pushUrl, upload)
        })()
        // Within a transaction it may wait for just that.
        if (!at.endsWith("-deleted") || at === "paths-deleted") await sending
      }),
    )
    await (sending ?? push(server.pushUrl, upload))
    expect(await claim("unused-library")).toBe(200)
    const hash = /URL: (nar\/\S+)/.exec(
      await (await fetch(`${server.url}/cache/${upload.info.storePath.hash}.narinfo`)).text(),
    )?.[1]
    expect((await fetch(`${server.url}/cache/${hash}`)).status).toBe(200)
    expect(await status("libc")).toBe(200)
  }
})

it("goes on beside builders and deployments, and nothing that they rely on is lost", async () => {
  await scene()
  let going = true
  // Time flies: what a builder was told may be no more true before it is done. Then it begins anew, as Nix does. An
  // image that was saved is wanted, so that all it is made of has to stay.
  const collecting = (async () => {
    while (going) {
      await age(server, 30, "but images")
      await collectNow(server)
    }
  })()
  const upload = async (name: string) => {
    if ((await claim("libc")) === 404) await add(server, "libc", [], 5000)
    await add(server, name, ["libc"], 2000)
  }
  const untilDone = async (run: () => Promise<boolean>) => {
    while (!(await run().catch(() => false)));
  }
  const builder = async (worker: number) => {
    for (let round = 0; round < 4; round++)
      await untilDone(async () => {
        await upload(`app-${worker}-${round}`)
        return (await claim(`app-${worker}-${round}`)) === 200
      })
  }
  const published: Array<string> = []
  const publisher = async () => {
    for (let round = 0; round < 4; round++)
      await untilDone(async () => {
        await upload(`site-${round}`)
        published.push((await publish(server, "svc_site", `site-${round}`)).digest)
        return true
      })
  }
  await Promise.all([builder(1), builder(2), publisher()])
  going = false
  await collecting
  expect(published).toHaveLength(4)
  for (const digest of published) expect(await pull("svc_site", digest)).toBe(200)
  const broken = await query(
    server,
    `select r.referrer from store_reference r join store_path p on p.base = r.referrer
     join store_path q on q.base = r.reference where p.collected_at is null and q.collected_at is not null`,
  )
  expect(broken).toEqual([])
  for (const { file_hash } of await query<{ file_hash: string }>(server, "select file_hash from nar"))
    expect(
      existsSync(join(server.dataFolder, "artifacts/nar", file_hash.slice(0, 2), `${file_hash}.nar.zst`)),
    ).toBe(true)
})

it("notes a lost file as damage and keeps its row", async () => {
  await scene()
  const nar = join(server.dataFolder, "artifacts/nar")
  renameSync(nar, `${nar}.away`)
  expect((await collectNow(server)).damaged).toBe(5)
  expect(await status("libc")).toBe(404)
  renameSync(`${nar}.away`, nar)
  await collectNow(server)
  expect([await status("libc"), await query(server, "select from nar where damage is not null")]).toEqual([
    200,
    [],
  ])
  rmSync(nar, { recursive: true })
  expect((await collectNow(server)).damaged).toBe(5)
  expect((await collectNow(server)).damaged).toBe(0)
  expect(await query(server, "select base from store_path")).toHaveLength(5)
  expect([await status("libc"), await claim("libc")]).toEqual([404, 404])
  await add(server, "libc", [], 5000)
  expect([await status("libc"), await claim("libc")]).toEqual([200, 200])
})

it("removes nothing that is older than the database: it may be the wrong one, or not restored yet", async () => {
  await scene()
  const nar = join(server.dataFolder, "artifacts/nar")
  const before = new Date(Date.now() - 25 * 3_600_000)
  for (const name of readdirSync(nar, { recursive: true }))
    utimesSync(join(nar, String(name)), before, before)
  const other = await startArtifactServer(await postgres().database(), { dataFolder: server.dataFolder })
  try {
    expect((await collectNow(other)).orphansDeleted).toBe(0)
    expect(files()).toBe(5)
    await query(other, "update skypanel_migrations set created_at = now() - interval '26 hours'")
    expect((await collectNow(other)).orphansDeleted).toBe(5)
  } finally {
    await other.close()
  }
})

it("lets builders that claim the same at once wait for each other, but not in a circle", async () => {
  const [low, high] = ["one", "two"].sort((a, b) => (storePathOf(a).base < storePathOf(b).base ? -1 : 1))
  await add(server, low!)
  await add(server, high!, [low!])
  await add(server, "application", [low!, high!])
  await age(server, 25)
  const waiting = (count: number) =>
    until("the claims to wait", async () => {
      const [row] = await query<{ count: number }>(
        server,
        `select count(*)::int as count from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock'`,
      )
      return row!.count === count ? true : null
    })
  const claims: Array<Promise<number>> = []
  const claimBoth = async () => {
    // The one that needs both comes first to the lower; the other one holds nothing then that it needs.
    for (const name of ["application", high!]) {
      claims.push(claim(name))
      await waiting(claims.length)
    }
  }
  await server.runtime.runPromise(
    Effect.flatMap(SqlClient.SqlClient, (sql) =>
      sql.withTransaction(
        sql`select from store_path where base = ${storePathOf(low!).base} for update`.pipe(
          Effect.andThen(Effect.promise(claimBoth)),
        ),
      ),
    ),
  )
  expect(await Promise.all(claims)).toEqual([200, 200])
})
