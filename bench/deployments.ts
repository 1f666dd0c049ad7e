import type { Development } from "./development.ts"
import { failedRequests } from "./failedRequests.ts"
import { type Pair, type Row, rowOf } from "./row.ts"
import { freshMark, oursSees, pairs, type Sides, says, seconds, startSides, usualSees } from "./sides.ts"
import { stopStartRestart } from "./stopStartRestart.ts"

/**
 * The first deployment of a service whose dependencies are not installed yet; the toolchain and the downloaded
 * packages are there on both sides (Nix store, npm's cache in the base image). A service's name is a part of what
 * Nix installs its dependencies into, a changed package.json makes Docker install them. Both answer afterwards.
 */
export const firstDeployment = async (sides: Sides, runs: number): Promise<ReadonlyArray<Row>> => {
  const { usual } = sides
  const once = async (run: number) => {
    const mark = freshMark()
    const changed = { version: `1.0.${process.pid}${run}` }
    if (run > 0) await Promise.all([sides.anotherOurs(), usual.remove()])
    const { ours } = sides
    await ours.write(mark, changed)
    usual.write(mark, changed)
    const begunOurs = performance.now()
    const deployment = await ours.create()
    const oursTook = await oursSees(ours, deployment, begunOurs, says(mark))
    await ours.live(deployment)
    const begun = performance.now()
    await usual.create(await usual.publish())
    return { ours: seconds(oursTook), theirs: seconds(await usualSees(usual, begun, says(mark))) }
  }
  // The very first uploads Node.js itself; only later ones are alike.
  await once(0)
  const taken = await pairs(runs, (run) => once(run + 1))
  return [rowOf("first deployment of a service (toolchain there, dependencies new)", "s", taken)]
}

/** From the request to the new answer at the endpoint, and what a worker has to pull for it. */
export const redeployment = async ({ ours, usual }: Sides, runs: number): Promise<ReadonlyArray<Row>> => {
  const bytes: Array<Pair> = []
  const once = async () => {
    const mark = freshMark()
    await ours.write(mark)
    usual.write(mark)
    const begunOurs = performance.now()
    const deployment = await ours.redeploy()
    const oursTook = await oursSees(ours, deployment, begunOurs, says(mark))
    const { receipt } = await ours.live(deployment)
    const begun = performance.now()
    await usual.update("--image", await usual.publish())
    const theirs = await usualSees(usual, begun, says(mark))
    bytes.push({ ours: receipt?.newBytes ?? 0, theirs: await usual.newBytes() })
    return { ours: seconds(oursTook), theirs: seconds(theirs) }
  }
  // The first one installs the dependencies of the version that all later ones have.
  await once()
  bytes.length = 0
  const taken = await pairs(runs, once)
  return [
    rowOf("redeployment after a one-line change, to the new answer", "s", taken),
    rowOf("bytes that a worker pulls for it", "bytes", bytes),
  ]
}

/** To the end of each: there is no new answer to see. Nothing changes, so neither restarts anything. */
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
  const taken = await pairs(runs, async () => {
    const greeting = freshMark()
    const begunOurs = performance.now()
    const deployment = await ours.setEnvironment({ GREETING: greeting })
    const oursTook = await oursSees(ours, deployment, begunOurs, (mark) => mark?.greeting === greeting)
    await ours.live(deployment)
    const begun = performance.now()
    await usual.update("--env-add", `GREETING=${greeting}`)
    const theirs = await usualSees(usual, begun, (mark) => mark?.greeting === greeting)
    return { ours: seconds(oursTook), theirs: seconds(theirs) }
  })
  return [rowOf("change of one environment variable, to the new answer", "s", taken)]
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
