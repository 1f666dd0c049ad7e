import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Api } from "@skypanel/contract/Api"
import { isFinished } from "@skypanel/contract/Deployment"
import { Effect } from "effect"
import { FetchHttpClient, HttpClient, HttpClientRequest } from "effect/http"
import { HttpApiClient } from "effect/http-api"
import { quantile } from "./agents/quantile.ts"
import { markAt, type Place } from "./application.ts"
import { importBaseImage } from "./baseImage.ts"
import type { Development } from "./development.ts"
import { startOurs } from "./ours.ts"
import { run, until } from "./processes.ts"
import { median, type Row } from "./row.ts"
import { freshMark } from "./sides.ts"

/** Each phase is measured for so long, with so many requests a second, each over a connection of its own. */
const seconds = 10
const perSecond = 50
/** A build takes all processors for longer than that, and fails: what comes after a build is not meant here. */
const work = (shell: string, timeout: string) =>
  [
    "echo at work",
    `for at in 1 2 3 4; do ${timeout} ${seconds + 20} ${shell} -c 'while :; do :; done' & done`,
    `${timeout} ${seconds + 20} ${shell} -c 'while :; do echo "0123456789" >> written; done' &`,
    "wait; exit 1",
  ].join("\n")

/** Milliseconds of each request, begun at its time whatever became of the ones before. */
const latencies = async (place: Place): Promise<ReadonlyArray<number>> => {
  const asked = Array.from({ length: seconds * perSecond }, async (_, at) => {
    await new Promise((resolve) => setTimeout(resolve, (at / perSecond) * 1000))
    const begun = performance.now()
    const mark = await markAt(place)
    return mark === null ? 2000 : performance.now() - begun
  })
  return (await Promise.all(asked)).toSorted((a, b) => a - b)
}

interface Seen {
  readonly p50: number
  readonly p99: number
}

const seen = async (place: Place): Promise<Seen> => {
  const sorted = await latencies(place)
  return { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) }
}

/** A service's answers while a builder on the same worker builds, and while `docker build` does on the same engine. */
export const neighboursBenchmark = async (
  development: Development,
  runs: number,
): Promise<ReadonlyArray<Row>> => {
  const client = await Effect.runPromise(
    HttpApiClient.make(Api, {
      baseUrl: development.url,
      transformClient: HttpClient.mapRequest(HttpClientRequest.bearerToken(development.token)),
    }).pipe(Effect.provide(FetchHttpClient.layer)),
  )
  const session = await Effect.runPromise(client.session.get())
  const organization = session.organizations[0]!.slug
  const ours = await startOurs(development, `bench-neighbour-${process.pid}`)
  const docker = (...args: ReadonlyArray<string>) =>
    run("docker", ["--host", `unix://${development.dockerSocket}`, ...args])
  const base = "skypanel-bench-base:1"
  await importBaseImage(docker, base)
  await ours.write(freshMark())
  await ours.live(await ours.create())

  const whileWeBuild = async (at: number): Promise<Seen> => {
    const service = `bench-busy-${process.pid}-${at}`
    const expression = `{ pkgs, ... }: pkgs.runCommand "busy-${process.pid}-${at}" { } ''${work("sh", "timeout")}''`
    const { deployment } = await Effect.runPromise(
      client.services.create({
        params: { organization },
        payload: {
          name: service,
          source: { _tag: "expression", expression },
          resources: { cpu: 1, memoryBytes: 64 * 2 ** 20, storageBytes: 16 * 2 ** 20 },
        },
      }),
    )
    const params = { organization, service, number: deployment.number }
    const look = () => Effect.runPromise(client.deployments.get({ params }))
    const place = `organizations/${organization}/services/${service}/deployments/${deployment.number}`
    const headers = { authorization: `Bearer ${development.token}` }
    const log = async () => (await fetch(`${development.url}/api/v1/${place}/log.txt`, { headers })).text()
    await until(
      "the build's own commands",
      performance.now(),
      async () => (await log()).includes("at work"),
      {
        every: 50,
      },
    )
    const taken = await seen(ours.place)
    await until("the build's end", performance.now(), async () => isFinished((await look()).status), {
      every: 200,
    })
    await Effect.runPromise(client.services.delete({ params }).pipe(Effect.ignore))
    return taken
  }

  const whileDockerBuilds = async (at: number): Promise<Seen> => {
    // A folder of its own: all that is in it is sent to the engine first.
    const context = join(development.directory, `busy-${at}`)
    mkdirSync(context)
    const busybox = "/bin/busybox"
    writeFileSync(
      join(context, "Dockerfile"),
      `FROM ${base}\nENV AT=${at}\nRUN ${JSON.stringify(["/bin/sh", "-c", work(`${busybox} sh`, `${busybox} timeout`)])}\n`,
    )
    // It ends with a failure, as ours does.
    const building = docker("build", "--quiet", "--network", "host", context).catch(() => undefined)
    await until(
      "the step to run",
      performance.now(),
      async () => (await docker("ps", "--no-trunc", "--format", "{{.Command}}")).includes("while :"),
      { every: 50 },
    )
    const taken = await seen(ours.place)
    await building
    return taken
  }

  try {
    const taken: Array<{ quiet: Seen; ours: Seen; theirs: Seen }> = []
    for (let at = 0; at < runs; at++)
      taken.push({
        quiet: await seen(ours.place),
        ours: await whileWeBuild(at),
        theirs: await whileDockerBuilds(at),
      })
    const of = (side: "quiet" | "ours" | "theirs", part: keyof Seen) =>
      median(taken.map((each) => each[side][part]))
    const row = (part: keyof Seen, name: string): ReadonlyArray<Row> => [
      {
        name: `${name} while nothing is built`,
        unit: "ms",
        ours: of("quiet", part),
        theirs: null,
        ratio: null,
        runs,
      },
      {
        name: `${name} while a build takes all processors (against docker build)`,
        unit: "ms",
        ours: of("ours", part),
        theirs: of("theirs", part),
        ratio: median(taken.map((each) => each.theirs[part] / each.ours[part])),
        runs,
      },
    ]
    return [...row("p50", "a service's answer, median,"), ...row("p99", "a service's answer, 99 of 100,")]
  } finally {
    await ours.close()
  }
}
