import { until } from "../test/lab/until.ts"
import type { OurFleet } from "./fleet/ourFleet.ts"
import type { UsualFleet } from "./fleet/usualFleet.ts"
import { failuresOf, startVisits, type Target, type Visit } from "./fleet/visits.ts"
import { type Row, rowOf } from "./row.ts"
import { seconds } from "./sides.ts"

/** All visitors have one address, and a proxy of ours gives one address 50 new connections a second. */
const everyMs = 250
/** The visitors stay until nothing has failed for so long. */
const wellMs = 3_000

interface Loss {
  /** Milliseconds until the last of the services that were there answers again, and stays so. */
  readonly lengthMs: number
  readonly failed: number
}

const visited = async (targets: ReadonlyArray<Target>, kill: () => Promise<void>): Promise<Loss> => {
  const { isWell, restart, stop } = startVisits(targets, everyMs)
  await until("every service to answer", async () => (isWell(1_000) ? true : null))
  const begun = restart()
  await kill()
  await until("every service to answer again", async () => (isWell(wellMs, begun) ? true : null), 300)
  const all = await stop()
  const again = ({ goodAgainAt }: Visit) => (Number.isNaN(goodAgainAt) ? 0 : Math.max(0, goodAgainAt - begun))
  return { lengthMs: Math.max(...all.map(again)), failed: failuresOf(all) }
}

const place = (proxy: string) => {
  const [address = "", port = ""] = proxy.split(":")
  return { address, port: Number(port) }
}

/** Visitors come by a worker that lives: whoever comes by the dead one has to find another first, with any fleet. */
const loseOurs = async (ours: OurFleet, names: ReadonlyArray<string>): Promise<Loss> => {
  const homes = new Map<string, string>()
  for (const name of names) homes.set(name, (await ours.homesOf(name))[0]!.name)
  const of = (worker: string) => names.filter((name) => homes.get(name) === worker)
  const [victim, ...others] = ours.fleet.workers.toSorted((a, b) => of(b.name).length - of(a.name).length)
  const targets = of(victim!.name).map((name) => ({
    places: [place(others[0]!.proxy)],
    host: `${name}-acme.localhost`,
  }))
  const loss = await visited(targets, () => victim!.powerOff())
  await victim!.powerOn()
  await ours.isIn(victim!, "active", 120)
  return loss
}

const loseUsual = async (usual: UsualFleet): Promise<Loss> => {
  const counted = await Promise.all(
    usual.workers.map(async (worker) => ({ worker, services: await usual.servicesOn(worker) })),
  )
  const [victim] = counted.toSorted((a, b) => b.services.length - a.services.length)
  const targets = victim!.services.map((service) => ({ places: usual.placesOf(service), host: null }))
  const loss = await visited(targets, () => usual.kill(victim!.worker))
  await usual.start(victim!.worker)
  return loss
}

/** A worker loses its power: everything on it at once, and its cable. Its services have one instance each. */
export const failoverBenchmark = async (
  ours: OurFleet,
  usual: UsualFleet,
  names: ReadonlyArray<string>,
  runs: number,
): Promise<ReadonlyArray<Row>> => {
  const taken: Array<{ readonly our: Loss; readonly their: Loss }> = []
  for (let run = 0; run < runs; run++)
    taken.push({ our: await loseOurs(ours, names), their: await loseUsual(usual) })
  const pairs = (of: (loss: Loss) => number) =>
    taken.map(({ our, their }) => ({ ours: of(our), theirs: of(their) }))
  return [
    rowOf(
      "kill -9 of a worker, until all its services answer elsewhere",
      "s",
      pairs(({ lengthMs }) => seconds(lengthMs)),
    ),
    rowOf(
      "requests failed meanwhile (four a second for each service)",
      "requests",
      pairs(({ failed }) => failed),
    ),
  ]
}
