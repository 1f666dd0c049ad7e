import { web } from "../test/lab/fleet.ts"
import { drainBenchmark } from "./drain.ts"
import { failoverBenchmark } from "./failover.ts"
import { type OurFleet, startOurFleet } from "./fleet/ourFleet.ts"
import { servicePort, startUsualFleet, type UsualFleet } from "./fleet/usualFleet.ts"
import { hopsBenchmark } from "./hops.ts"
import type { Row } from "./row.ts"
import { unlessStopped } from "./stopped.ts"

const workers = 3
const services = 20

const deployAll = async (ours: OurFleet): Promise<ReadonlyArray<string>> => {
  const names = Array.from({ length: services }, (_, at) => `web-${at}`)
  const deploy = (name: string) => ours.deploy(name, { source: web, port: servicePort })
  // The first one builds; the others find it built.
  await deploy(names[0]!)
  for (let at = 1; at < services; at += 4) await Promise.all(names.slice(at, at + 4).map(deploy))
  return names
}

/** The image that ours runs is the usual way's too, on every machine before anything is measured. */
const shareImage = async (ours: OurFleet, usual: UsualFleet) => {
  const [home] = await ours.homesOf("web-0")
  const { docker } = home!.machine
  const [container] = await docker.listContainers({ filters: { label: ["skypanel.service"] } })
  await usual.takeImage(docker, container!.ImageID)
}

type Wanted = (name: string) => boolean
type Report = (rows: ReadonlyArray<Row>) => void

const measure = async (ours: OurFleet, usual: UsualFleet, isWanted: Wanted, runs: number, report: Report) => {
  // Workers are lost here more often than a fleet loses them.
  await ours.policy({ flapping: { times: 20, withinMinutes: 10, forMinutes: 10 } })
  const names = await deployAll(ours)
  await shareImage(ours, usual)
  await usual.create(services)
  if (isWanted("failover")) report(await failoverBenchmark(ours, usual, names, runs))
  if (isWanted("drain")) report(await drainBenchmark(ours, usual, names, runs))
  if (isWanted("hops")) report(await hopsBenchmark(ours, names[0]!))
}

/** What happens to a fleet of three workers with twenty services, beside a plain Swarm with the same. */
export const fleetBenchmarks = async (isWanted: Wanted, runs: number, report: Report): Promise<void> => {
  const ours = await startOurFleet(workers)
  try {
    const usual = await startUsualFleet(workers)
    try {
      await unlessStopped(measure(ours, usual, isWanted, runs, report))
    } finally {
      await usual.stop()
    }
  } catch (error) {
    process.stderr.write(ours.fleet.platform.tail())
    throw error
  } finally {
    await ours.stop()
  }
}
