import { execFile } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import pg from "pg"
import { ensureDatabase, startPostgres } from "../dev/postgres.ts"
import { makeLab } from "../test/lab/lab.ts"
import { type StartedPlatform, startPlatform } from "../test/lab/startPlatform.ts"
import { openScope } from "./fleet/scoped.ts"
import { randomOf } from "./layering/series.ts"
import { until } from "./processes.ts"
import { median } from "./row.ts"
import { unlessStopped } from "./stopped.ts"

const places = 2

interface Asked {
  readonly name: string
  readonly organization: string
  /** It sleeps, so that the ones beside it take nothing from it. */
  readonly seconds: number
}

/** Organization → seconds that each of its builds waited. */
type Waits = ReadonlyMap<string, ReadonlyArray<number>>

/** Twenty builds that wait at once: of one organization twelve came first, then two each of the four others. */
const asked = (): ReadonlyArray<Asked> => {
  const random = randomOf(20)
  const of = (organization: string, count: number) =>
    Array.from({ length: count }, (_, at) => ({
      name: `${organization}-${at}`,
      organization,
      seconds: 4 + Math.round(8 * random()),
    }))
  return [...of("a", 12), ...["b", "c", "d", "e"].flatMap((organization) => of(organization, 2))]
}

const waitsOf = (all: ReadonlyArray<Asked>, waited: ReadonlyMap<string, number>): Waits => {
  const mine = Map.groupBy(all, ({ organization }) => organization)
  return new Map(
    Array.from(mine, ([organization, builds]) => [organization, builds.map(({ name }) => waited.get(name)!)]),
  )
}

/** Organizations of the administrator, who may not make more than the first over the API. */
const addOrganizations = async (databaseUrl: string, slugs: ReadonlySet<string>) => {
  const client = new pg.Client({ connectionString: databaseUrl, options: "-c search_path=auth" })
  await client.connect()
  try {
    for (const slug of slugs) {
      const id = `org_${slug.padStart(24, "0")}`
      await client.query(
        `insert into organization (id, name, slug, "createdAt") values ($1, $2, $2, now())`,
        [id, slug],
      )
      await client.query(
        `insert into member (id, "organizationId", "userId", role, "createdAt")
         select $1, $2, id, 'owner', now() from "user"`,
        [`mem_${slug}`, id],
      )
    }
  } finally {
    await client.end()
  }
}

const ours = async (platform: StartedPlatform, all: ReadonlyArray<Asked>): Promise<Waits> => {
  for (const { name, organization, seconds } of all) {
    const nap = `\${pkgs.runCommand "nap-${name}" { } "sleep ${seconds}; touch $out"}`
    const expression = `{ pkgs, ... }: pkgs.writeShellScriptBin "service" "cat ${nap}"`
    const { status, body } = await platform.api("POST", `/organizations/${organization}/services`, {
      name,
      source: { _tag: "expression", expression },
    })
    if (status !== 202) throw new Error(`${name}: ${JSON.stringify(body)}`)
  }
  const waited = new Map<string, number>()
  await until(
    "the last build to end",
    performance.now(),
    async () => {
      const { body } = await platform.api("GET", "/builds")
      return body.length === 0
    },
    { every: 500, seconds: 600 },
  )
  for (const { name, organization } of all) {
    const { body } = await platform.api("GET", `/organizations/${organization}/services/${name}/builds`)
    const [{ queuedAt, startedAt, failure }] = body.builds
    if (failure !== null) throw new Error(`${name}: ${JSON.stringify(body.builds)}`)
    waited.set(name, (Date.parse(startedAt) - Date.parse(queuedAt)) / 1000)
  }
  return waitsOf(all, waited)
}

/** No sandbox, no other account and no cache: only its place in the line is looked at. */
const bare = Object.entries({ sandbox: "false", "build-users-group": "", substitute: "false" }).flatMap(
  ([name, value]) => ["--option", name, value],
)

/** `nix-build` for whoever came first, as many at a time as there are places. */
const firstCome = async (all: ReadonlyArray<Asked>): Promise<Waits> => {
  const folder = mkdtempSync(join(tmpdir(), "skypanel-bench-fairness-"))
  const begun = performance.now()
  const waited = new Map<string, number>()
  const waiting = [...all]
  const place = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { name, seconds } = next
      waited.set(name, (performance.now() - begun) / 1000)
      const file = join(folder, `${name}.nix`)
      writeFileSync(
        file,
        `derivation { name = "nap"; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" "/bin/sleep ${seconds}; echo ${process.pid} ${name} > $out" ]; }`,
      )
      await promisify(execFile)("nix-build", [file, "--no-out-link", ...bare])
    }
  }
  try {
    await Promise.all(Array.from({ length: places }, place))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return waitsOf(all, waited)
}

const start = async ({ run, onClose }: ReturnType<typeof openScope>, all: ReadonlyArray<Asked>) => {
  const folder = mkdtempSync(join(tmpdir(), "skypanel-bench-fairness-"))
  onClose(() => rmSync(folder, { recursive: true, force: true }))
  const postgres = await run(startPostgres({ directory: join(folder, "postgres"), durable: false }))
  await run(ensureDatabase(postgres, "platform"))
  const lab = await run(makeLab)
  const databaseUrl = postgres.urlOf("platform")
  const platform = await startPlatform({
    ...{ folder, databaseUrl, endpointPort: 8000, more: { SKYPANEL_BUILDS: String(places) } },
    ...{ hostAddress: lab.address, manager: await run(lab.addMachine) },
  })
  onClose(() => platform.program.end("SIGTERM"))
  await addOrganizations(databaseUrl, new Set(all.map(({ organization }) => organization)))
  const builder = await platform.startBuilder()
  onClose(() => builder.end("SIGTERM"))
  await platform.isReady(1, [builder])
  return platform
}

/** How long builds of each organization wait, with a real builder, and where who came first is built first. */
export const fairnessBenchmark = async (): Promise<string> => {
  const scope = openScope()
  const measured = async () => {
    const all = asked()
    const fair = await ours(await start(scope, all), all)
    const first = await firstCome(all)
    const seconds = (values: ReadonlyArray<number>) =>
      `${Math.round(median(values))} | ${Math.round(Math.max(...values))}`
    return [
      "| organization | builds | SkyPanel: median wait (s) | longest | first come, first served: median wait (s) | longest |",
      `|---|${"---:|".repeat(5)}`,
      ...Array.from(
        fair,
        ([organization, mine]) =>
          `| ${organization} | ${mine.length} | ${seconds(mine)} | ${seconds(first.get(organization)!)} |`,
      ),
    ].join("\n")
  }
  try {
    return await unlessStopped(measured())
  } finally {
    await scope.close()
  }
}
