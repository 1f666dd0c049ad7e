import type { BuildObserved } from "@skypanel/contract/BuildAssignment"
import type { BuildState } from "@skypanel/contract/BuildRecord"
import { Effect, Stream } from "effect"
import { describe, expect, it } from "vitest"
import { until } from "../../../test/lab/until.ts"
import { succeeded } from "../../test/scriptedFleet.ts"
import { useScriptedFleet } from "../../test/useScriptedFleet.ts"
import { createService } from "../deploy/requests/create.ts"
import { cancelDeployment } from "../deploy/requests/end.ts"
import { redeployService } from "../deploy/requests/update.ts"
import { sweepOnce } from "../deploy/sweep.ts"
import { newOrganizationId } from "../domain/id.ts"
import { FolderStore } from "../folders/FolderStore.ts"
import { Repositories } from "../gitRemotes/Repositories.ts"
import { wholeLog } from "../http/buildLog.ts"
import { buildHistory, type HistoryQuery } from "./BuildHistory.ts"
import { removeOldBuildLogs } from "./BuildLogs.ts"
import { findDeployment } from "./DeploymentViews.ts"
import { findService } from "./ServiceViews.ts"

/** What is remembered of builds, over a real database and workflow engine; the builder is scripted. */

const organization = { id: newOrganizationId(), slug: "acme", name: "Acme", role: "owner" } as const
const user = "ada@example.com"
const source = { _tag: "git", url: "https://git.example.com/web.git", ref: "main" } as const
const revision = "0123456789abcdef0123456789abcdef01234567"

const scene = useScriptedFleet()
const { run, query } = scene

const history = async (asked: Partial<HistoryQuery> = {}) => {
  const service = await run(findService(organization.id, "web"))
  return run(buildHistory(organization.id, service!.id, { before: null, limit: 50, state: null, ...asked }))
}

/** Has the builder say this of each of its builds, until the deployment is as it should be. */
const building = (say: (id: BuildObserved["id"]) => BuildObserved, number: number, status: string) => {
  scene.worker.script = { ...scene.worker.script, builds: ({ builds }) => builds.map(({ id }) => say(id)) }
  return until(
    `deployment ${number} to be ${status}`,
    async () => {
      await scene.worker.observe()
      const service = await run(findService(organization.id, "web"))
      const found = service && (await run(findDeployment(organization.id, service.id, number)))
      return found?.status === status ? found : null
    },
    20,
  )
}

const phase =
  (name: BuildObserved["phase"], more: Partial<BuildObserved> = {}) =>
  (id: BuildObserved["id"]): BuildObserved => ({ ...succeeded(id), phase: name, result: null, ...more })

const commit = {
  revision,
  author: "Ada Lovelace",
  subject: "Compute the\u202e numbers\u0007 of Bernoulli",
}

describe("the history of a service's builds", () => {
  it("has one that goes on, with the commit that was fetched and the phase that it is in", async () => {
    await run(createService(organization, user, { name: "web", source }))
    await building(phase("fetching"), 1, "building")
    await building(phase("evaluating", { commit }), 1, "building")
    const one = await until("the phase to be known", async () => {
      await scene.worker.observe()
      const [first] = (await history()).builds
      return first?.author ? first : null
    })
    expect(one).toMatchObject({
      deployment: 1,
      state: "running",
      trigger: "deploy",
      startedBy: user,
      revision,
      author: "Ada Lovelace",
      subject: "Compute the numbers of Bernoulli",
      builder: "scripted-1",
      finishedAt: null,
      addedBytes: null,
      release: null,
    })
    expect(one.phases.map(({ name }) => name)).toEqual(["waiting", "fetching", "evaluating"])
  })

  it("has what a build added to the store, counted once for each file, and the release", async () => {
    const [{ id }] = (await query<{ id: string }>("select id from build")) as [{ id: string }]
    await query(`insert into nar (file_hash, file_size, nar_hash, nar_size)
      values ('f1', 1000, 'n1', 1), ('f2', 30, 'n2', 1), ('f3', 7, 'n3', 1)`)
    const path = (name: string, file: string, build: string | null) =>
      query(`insert into store_path (base, hash, file_hash, nar_hash, nar_size, substituted, uploaded_by, build_id)
        values ('${name.padStart(32, "0")}-x', '${name.padStart(32, "0")}', '${file}', 'n', 1, false, '',
          ${build === null ? "null" : `'${build}'`})`)
    await path("1", "f1", id)
    await path("2", "f1", id)
    await path("3", "f2", id)
    await path("4", "f3", null)
    await building(phase("building"), 1, "building")
    await building(succeeded, 1, "live")
    const [first] = (await history()).builds
    expect(first).toMatchObject({ state: "succeeded", release: 1, addedBytes: 1030, unchanged: false })
    expect(first!.finishedAt).not.toBeNull()
    expect(first!.phases.map(({ name }) => name)).toEqual(["waiting", "fetching", "evaluating", "building"])
  })

  it("says what keeping its image costs: what no other image that is kept needs", async () => {
    const images = await query<{ digest: string; service_id: string }>("select digest, service_id from image")
    expect(images).toHaveLength(1)
    const { digest, service_id } = images[0]!
    const layer = (name: string, ...paths: ReadonlyArray<string>) =>
      query(`with made as (insert into layer (digest, key, size) values ('${name}', '${name}', 1)),
        chained as (insert into layer_chain (chain, parent, digest) values ('${name}', '', '${name}'))
        insert into layer_path (digest, position, base, tar_size) values ${paths
          .map((path, position) => `('${name}', ${position}, '${path.padStart(32, "0")}-x', 1)`)
          .join(", ")}`)
    const has = (organizationId: string, service: string, image: string, name: string, position: number) =>
      query(`insert into image_layer (organization_id, service_id, image_digest, layer_digest, position, chain, new)
        values ('${organizationId}', '${service}', '${image}', '${name}', ${position}, '${name}', true)`)
    await layer("own", "1", "4")
    await layer("shared", "3")
    await layer("elsewhere", "4")
    await query(`insert into image (organization_id, service_id, digest, key, config_digest, manifest, config,
        store_path, total_bytes, new_bytes)
      select 'org_other', 'svc_other', 'other', 'other', '', '', '', store_path, 1, 1 from image limit 1`)
    await has(organization.id, service_id, digest, "own", 0)
    await has(organization.id, service_id, digest, "shared", 1)
    await has("org_other", "svc_other", "other", "shared", 0)
    await has("org_other", "svc_other", "other", "elsewhere", 1)
    expect((await history()).builds[0]).toMatchObject({ keptBytes: 1000 })
    await query("update image set collected_at = now() where organization_id = 'org_other'")
    expect((await history()).builds[0]).toMatchObject({ keptBytes: 1037 })
  })

  it("tells a failed one from a canceled one, and finds either, a page at a time", async () => {
    const failure = {
      step: "building",
      code: "build-failed",
      title: "It does not compile.",
      detail: "in a file that is named a\0b\ud800",
      next: "",
      lines: [],
      location: null,
    } as const
    await run(redeployService(organization, user, "web"))
    const failed = await building(phase("failed", { failure }), 2, "failed")
    // What the database does not take ends no session: the worker has more to say.
    expect(failed.failure?.detail).toBe("in a file that is named a\ufffdb\ufffd")
    await run(redeployService(organization, user, "web"))
    await building(phase("building"), 3, "building")
    await run(cancelDeployment(organization, user, "web", 3))
    await building(phase("failed", { failure: { ...failure, code: "canceled" } }), 3, "canceled")
    const numbers = async (asked: Partial<HistoryQuery>) => {
      const { builds, next } = await history(asked)
      return [builds.map(({ deployment, state }) => `${deployment} ${state}`), next]
    }
    expect(await numbers({})).toEqual([["3 canceled", "2 failed", "1 succeeded"], null])
    expect(await numbers({ limit: 2 })).toEqual([["3 canceled", "2 failed"], 2])
    expect(await numbers({ limit: 2, before: 2 })).toEqual([["1 succeeded"], null])
    const states: ReadonlyArray<BuildState> = ["failed", "canceled", "running"]
    expect(await Promise.all(states.map((state) => numbers({ state })))).toEqual([
      [["2 failed"], null],
      [["3 canceled"], null],
      [[], null],
    ])
    const { id } = (await run(findService(organization.id, "web")))!
    const through = (before: number | null) =>
      run(buildHistory(organization.id, id, { before, limit: 50, state: "failed" }, 1))
    expect(await through(null)).toEqual({ builds: [], next: 3 })
    expect(await through(3)).toMatchObject({ builds: [{ deployment: 2 }], next: 2 })
    expect((await history({ state: "failed" })).builds[0]!.failure).toEqual({
      code: "build-failed",
      title: "It does not compile.",
    })
  })

  it("names the source of each without an expression's text", async () => {
    await query(
      `update deployment set source = '{"_tag": "expression", "expression": "a long text"}' where number = 2`,
    )
    expect((await history()).builds.map((build) => build.source)).toEqual([
      source,
      { _tag: "expression" },
      source,
    ])
  })

  it("is the organization's alone", async () => {
    const service = await run(findService(organization.id, "web"))
    const asked = { before: null, limit: 50, state: null }
    expect((await run(buildHistory(newOrganizationId(), service!.id, asked))).builds).toEqual([])
  })
})

describe("the log of a build", () => {
  const text = async (number: number) => {
    const service = await run(findService(organization.id, "web"))
    const found = await run(findDeployment(organization.id, service!.id, number))
    return run(
      Effect.flatMap(wholeLog(organization.id, found!.id, number), (bytes) =>
        Stream.mkString(Stream.decodeText(bytes)),
      ),
    )
  }

  it("is one text, of any length, without colours", async () => {
    await query(`insert into build_log (build_id, organization_id, seq, at, stream, origin, text)
      select b.id, b.organization_id, n, '2026-01-02T03:04:05Z', 'stdout', 'building', E'\\x1b[31mline ' || n || E'\\x1b[0m'
      from build b join deployment d on d.id = b.deployment_id, generate_series(1, 1200) n where d.number in (1, 2)`)
    await query(
      "update build set log_seq = 1200 where deployment_id in (select id from deployment where number in (1, 2))",
    )
    const lines = (await text(2)).split("\n")
    expect(lines).toHaveLength(1201)
    expect(lines[1199]).toBe("2026-01-02T03:04:05.000Z stdout line 1200")
  })

  it("is kept for so many days, that of the newest build for longer, and says so when it is gone", async () => {
    expect(await run(removeOldBuildLogs(90))).toBe(0)
    await query("update build set finished_at = now() - interval '91 days'")
    await query(
      `update build set log_seq = 1 where deployment_id in (select id from deployment where number = 3)`,
    )
    expect(await run(removeOldBuildLogs(90))).toBe(2)
    expect(await run(removeOldBuildLogs(90))).toBe(0)
    expect(await query("select from build_log")).toHaveLength(0)
    const gone = (await history()).builds.map(({ logRemovedAt }) => logRemovedAt !== null)
    expect(gone).toEqual([false, true, true])
    await expect(text(1)).rejects.toThrow("The log of build 1 was removed.")
    expect(await text(3)).toBe("")
  })

  it("of a template's trial goes by its age alone, whatever other sweep fails", async () => {
    await query(`insert into template (id, organization_id, name) values ('t', 'acme', 't')`)
    await query(`insert into template_version (id, template_id, organization_id, number, definition, created_by)
      values ('v1', 't', 'acme', 1, '{}', ''), ('v2', 't', 'acme', 2, '{}', '')`)
    await query(`insert into build (id, organization_id, template_version_id, log_seq, finished_at)
      values ('b1', 'acme', 'v1', 1, now() - interval '91 days'), ('b2', 'acme', 'v2', 1, now())`)
    await query(`insert into build_log (build_id, organization_id, seq, at, stream, origin, text)
      select id, 'acme', 1, now(), 'stdout', '', 'x' from build where id in ('b1', 'b2')`)
    await run(
      sweepOnce.pipe(
        Effect.provideService(FolderStore, { sweep: Effect.die("no disk") } as never),
        Effect.provideService(Repositories, { sweep: Effect.die("no disk") } as never),
      ) as Effect.Effect<void>,
    )
    expect(await query("select build_id from build_log where organization_id = 'acme'")).toEqual([
      { build_id: "b2" },
    ])
  })
})
