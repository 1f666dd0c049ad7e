import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { markAt } from "./application.ts"
import type { Development } from "./development.ts"
import { startLoad } from "./load.ts"
import { type Ours, startOurs } from "./ours.ts"
import { until } from "./processes.ts"
import { type Pair, type Row, rowOf } from "./row.ts"
import { startUsualWay, type UsualWay } from "./usualWay.ts"

/** Both ways, side by side, with the same application answering. */
export interface Sides {
  readonly ours: Ours
  readonly usual: UsualWay
  readonly directory: string
}

let marks = 0
/** A text that no run before has used. */
const freshMark = () => `mark-${process.pid}-${++marks}`

const answers = (side: { readonly place: Ours["place"] }, mark: string, begun: number) =>
  until(
    `${mark} at ${side.place.host ?? side.place.port}`,
    begun,
    async () => (await markAt(side.place))?.mark === mark,
  )

/** Takes pairs in turn: a busy moment of the machine falls on both sides. */
const pairs = async (count: number, take: () => Promise<Pair>): Promise<ReadonlyArray<Pair>> => {
  const taken: Array<Pair> = []
  for (let run = 0; run < count; run++) taken.push(await take())
  return taken
}

const seconds = (milliseconds: number) => milliseconds / 1000

export const startSides = async (development: Development): Promise<Sides> => {
  const directory = join(development.directory, "usual")
  mkdirSync(directory)
  const usual = await startUsualWay(development.dockerSocket, directory)
  const ours = await startOurs(development, `bench-${process.pid}`)
  return { ours, usual, directory }
}

/**
 * The first deployment of a service whose dependencies are not installed yet; the toolchain and the downloaded
 * packages are there on both sides (Nix store, npm's cache in the base image). Both services answer afterwards.
 */
export const firstDeployment = async ({ ours, usual }: Sides, runs: number): Promise<ReadonlyArray<Row>> => {
  const taken = await pairs(runs, async () => {
    const mark = freshMark()
    const version = `1.0.${marks}`
    if (marks > 1) await Promise.all([ours.remove(), usual.remove()])
    await ours.write(mark, version)
    usual.write(mark, version)
    const begunOurs = performance.now()
    const deployment = await ours.create()
    const oursTook = await answers(ours, mark, begunOurs)
    await ours.live(deployment)
    const begun = performance.now()
    await usual.create(await usual.publish())
    return { ours: seconds(oursTook), theirs: seconds(await answers(usual, mark, begun)) }
  })
  return [rowOf("first deployment (toolchain there, dependencies new)", "s", taken)]
}

/** From the request to the new answer at the endpoint, and what a worker has to pull for it. */
export const redeployment = async ({ ours, usual }: Sides, runs: number): Promise<ReadonlyArray<Row>> => {
  const bytes: Array<Pair> = []
  const taken = await pairs(runs, async () => {
    const mark = freshMark()
    await ours.write(mark)
    usual.write(mark)
    const begunOurs = performance.now()
    const deployment = await ours.redeploy()
    const oursTook = await answers(ours, mark, begunOurs)
    const { receipt } = await ours.live(deployment)
    const begun = performance.now()
    await usual.update("--image", await usual.publish())
    const theirs = await answers(usual, mark, begun)
    bytes.push({ ours: receipt?.newBytes ?? 0, theirs: await usual.newBytes() })
    return { ours: seconds(oursTook), theirs: seconds(theirs) }
  })
  return [
    rowOf("redeployment after a one-line change, to the new answer", "s", taken),
    rowOf("bytes that a worker pulls for it", "bytes", bytes),
  ]
}

/** To the end of each: there is no new answer to see. The usual way changes nothing, so it restarts nothing. */
export const unchanged = async ({ ours, usual }: Sides, runs: number): Promise<ReadonlyArray<Row>> => {
  const taken = await pairs(runs, async () => {
    const begunOurs = performance.now()
    await ours.live(await ours.redeploy())
    const oursTook = performance.now() - begunOurs
    const begun = performance.now()
    await usual.update("--image", await usual.publish())
    return { ours: seconds(oursTook), theirs: seconds(performance.now() - begun) }
  })
  return [rowOf("redeployment with nothing changed, to its end", "s", taken)]
}

export const environmentChange = async (
  { ours, usual }: Sides,
  runs: number,
): Promise<ReadonlyArray<Row>> => {
  const greets = (side: Ours | UsualWay, greeting: string, begun: number) =>
    until(greeting, begun, async () => (await markAt(side.place))?.greeting === greeting)
  const taken = await pairs(runs, async () => {
    const greeting = freshMark()
    const begunOurs = performance.now()
    const deployment = await ours.setEnvironment({ GREETING: greeting })
    const oursTook = await greets(ours, greeting, begunOurs)
    await ours.live(deployment)
    const begun = performance.now()
    await usual.update("--env-add", `GREETING=${greeting}`)
    return { ours: seconds(oursTook), theirs: seconds(await greets(usual, greeting, begun)) }
  })
  return [rowOf("change of one environment variable, to the new answer", "s", taken)]
}

/** Against `docker service scale` and `docker service update --force` by hand. */
export const stopStartRestart = async ({ ours, usual }: Sides, runs: number): Promise<ReadonlyArray<Row>> => {
  const [stops, starts, restarts]: [Array<Pair>, Array<Pair>, Array<Pair>] = [[], [], []]
  const silent = (side: Ours | UsualWay, begun: number) =>
    until("silence", begun, async () => (await markAt(side.place)) === null)
  const answering = (side: Ours | UsualWay, begun: number) =>
    until("an answer", begun, async () => (await markAt(side.place)) !== null)
  const replaced = async (side: Ours | UsualWay, act: () => Promise<unknown>) => {
    const before = (await markAt(side.place))?.started
    const begun = performance.now()
    await act()
    return until("another instance", begun, async () => {
      const now = await markAt(side.place)
      return now !== null && now.started !== before
    })
  }
  for (let run = 0; run < runs; run++) {
    let begun = performance.now()
    await ours.stop()
    const oursStopped = await silent(ours, begun)
    begun = performance.now()
    await usual.scale(0)
    stops.push({ ours: seconds(oursStopped), theirs: seconds(await silent(usual, begun)) })
    begun = performance.now()
    const started = await ours.start()
    const oursStarted = await answering(ours, begun)
    await ours.live(started)
    begun = performance.now()
    await usual.scale(1)
    starts.push({ ours: seconds(oursStarted), theirs: seconds(await answering(usual, begun)) })
    const oursReplaced = await replaced(ours, async () => void (await ours.restart()))
    restarts.push({
      ours: seconds(oursReplaced),
      theirs: seconds(await replaced(usual, () => usual.update("--force"))),
    })
  }
  return [
    rowOf("stop, to silence (against scale to 0)", "s", stops),
    rowOf("start, to an answer (against scale to 1)", "s", starts),
    rowOf("restart, to another instance's answer (against update --force)", "s", restarts),
  ]
}

/** Requests that fail while the application is redeployed ten times; ours must be none. */
export const failedRequests = async ({ ours, usual, directory }: Sides): Promise<ReadonlyArray<Row>> => {
  const times = 10
  const load = startLoad(ours.place, directory)
  for (let run = 0; run < times; run++) {
    await ours.write(freshMark())
    await ours.live(await ours.redeploy())
  }
  const ourLoad = await load.stop()
  const usualLoad = startLoad(usual.place, directory)
  for (let run = 0; run < times; run++) {
    const mark = freshMark()
    usual.write(mark)
    const begun = performance.now()
    await usual.update("--image", await usual.publish())
    await answers(usual, mark, begun)
  }
  const theirLoad = await usualLoad.stop()
  const name = `requests failed in ten redeployments (of ${ourLoad.requests} and ${theirLoad.requests})`
  return [rowOf(name, "requests", [{ ours: ourLoad.failed, theirs: theirLoad.failed }])]
}

/** Every measurement of deployments, in order; each starts from what the one before has left. */
export const deploymentBenchmarks = async (
  development: Development,
  runs: number,
  report: (rows: ReadonlyArray<Row>) => void,
): Promise<void> => {
  const sides = await startSides(development)
  try {
    report(await firstDeployment(sides, Math.min(runs, 3)))
    report(await redeployment(sides, runs))
    report(await unchanged(sides, runs))
    report(await environmentChange(sides, runs))
    report(await stopStartRestart(sides, runs))
    report(await failedRequests(sides))
  } finally {
    await sides.ours.close()
    await sides.usual.stop()
  }
}
