import { until } from "../test/lab/until.ts"
import type { OurFleet } from "./fleet/ourFleet.ts"
import type { UsualFleet } from "./fleet/usualFleet.ts"
import { failuresOf, requestsOf, startVisits, type Target } from "./fleet/visits.ts"
import { type Row, rowOf } from "./row.ts"
import { seconds } from "./sides.ts"

/** All visitors have one address, and a proxy of ours gives one address 50 new connections a second. */
const everyMs = 500

interface Drain {
  readonly lengthMs: number
  readonly failed: number
  readonly requests: number
}

const visited = async (targets: ReadonlyArray<Target>, drain: () => Promise<void>): Promise<Drain> => {
  const { isWell, restart, stop } = startVisits(targets, everyMs)
  await until("every service to answer", async () => (isWell(1_000) ? true : null), 120)
  const begun = restart()
  await drain()
  const lengthMs = performance.now() - begun
  await until("every service to answer again", async () => (isWell(1_000) ? true : null), 120)
  const all = await stop()
  return { lengthMs, failed: failuresOf(all), requests: requestsOf(all) }
}

/** All services are on the first worker afterwards, and the others are empty and wait for some. */
const gatherOurs = async ({ fleet, order, isIn, view }: OurFleet) => {
  const [first, ...others] = fleet.workers
  if ((await view(first!.name)).availability !== "active") await order(first!, "undrain")
  await isIn(first!, "active", 60)
  for (const other of others) {
    await order(other, "drain")
    await isIn(other, "drained", 300)
  }
  for (const other of others) {
    await order(other, "undrain")
    await isIn(other, "active", 60)
  }
}

const drainOurs = async (ours: OurFleet, names: ReadonlyArray<string>): Promise<Drain> => {
  await gatherOurs(ours)
  const [first, other] = ours.fleet.workers
  const [address = "", port = ""] = other!.proxy.split(":")
  const places = [{ address, port: Number(port) }]
  const targets = names.map((name) => ({ places, host: `${name}-acme.localhost` }))
  return visited(targets, async () => {
    await ours.order(first!, "drain")
    await ours.isIn(first!, "drained", 300)
  })
}

const isOn = (usual: UsualFleet, worker: UsualFleet["workers"][number], services: number) =>
  until(
    "all services to be there",
    async () => ((await usual.servicesOn(worker)).length === services ? true : null),
    180,
  )

const drainUsual = async (usual: UsualFleet, services: number): Promise<Drain> => {
  const [first, ...others] = usual.workers
  await usual.setAvailability(first!, "active")
  for (const other of others) await usual.setAvailability(other, "drain")
  await isOn(usual, first!, services)
  for (const other of others) await usual.setAvailability(other, "active")
  const targets = Array.from({ length: services }, (_, at) => ({ places: usual.placesOf(at), host: null }))
  return visited(targets, async () => {
    await usual.setAvailability(first!, "drain")
    await until("the node to be empty", async () => ((await usual.running(first!)) === 0 ? true : null), 180)
    await until(
      "all services to run elsewhere",
      async () => {
        const on = await Promise.all(others.map((other) => usual.servicesOn(other)))
        return on.flat().length === services ? true : null
      },
      180,
    )
  })
}

/** A worker with all services is emptied: by our drain, and by `docker node update --availability drain`. */
export const drainBenchmark = async (
  ours: OurFleet,
  usual: UsualFleet,
  names: ReadonlyArray<string>,
  runs: number,
): Promise<ReadonlyArray<Row>> => {
  const taken: Array<{ readonly our: Drain; readonly their: Drain }> = []
  for (let run = 0; run < runs; run++)
    taken.push({ our: await drainOurs(ours, names), their: await drainUsual(usual, names.length) })
  const pairs = (of: (drain: Drain) => number) =>
    taken.map(({ our, their }) => ({ ours: of(our), theirs: of(their) }))
  const requests = taken.map(({ our, their }) => `${our.requests} and ${their.requests}`).join(", ")
  return [
    rowOf(
      `drain of a worker with ${names.length} services, until it is empty`,
      "s",
      pairs(({ lengthMs }) => seconds(lengthMs)),
    ),
    rowOf(
      `requests failed meanwhile (of ${requests})`,
      "requests",
      pairs(({ failed }) => failed),
    ),
  ]
}
