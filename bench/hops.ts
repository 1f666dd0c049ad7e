import { Agent, request } from "node:http"
import type { LabWorker } from "../test/lab/lab.ts"
import type { OurFleet } from "./fleet/ourFleet.ts"
import { servicePort } from "./fleet/usualFleet.ts"
import { median, type Pair, type Row, rowOf } from "./row.ts"

const warmUp = 200
const rounds = 2_000

interface Way {
  readonly address: string
  readonly port: number
  readonly host: string
}

/** Asks over one connection that stays open, one request after the other. */
const asking = ({ address, port, host }: Way) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const ask = () =>
    new Promise<number>((resolve, reject) => {
      const begun = performance.now()
      const sent = request({ host: address, port, headers: { host }, agent }, (response) => {
        response.on("end", () =>
          response.statusCode === 200
            ? resolve(performance.now() - begun)
            : reject(new Error(`${address}:${port} answered ${response.statusCode}`)),
        )
        response.resume()
      })
      sent.on("error", reject)
      sent.end()
    })
  return { ask, close: () => agent.destroy() }
}

/** Where the proxy of its worker reaches a container of the service. */
const containerOf = async ({ docker }: LabWorker, service: string): Promise<string> => {
  const [container] = await docker.listContainers({ filters: { label: [`skypanel.service=${service}`] } })
  const bridge = await docker.getNetwork("docker_gwbridge").inspect()
  const address: string | undefined = bridge.Containers?.[container?.Id ?? ""]?.IPv4Address
  if (address === undefined) throw new Error(`no container of ${service} is on the bridge`)
  return address.split("/")[0]!
}

const proxyOf = (proxy: string, host: string): Way => {
  const [address = "", port = ""] = proxy.split(":")
  return { address, port: Number(port), host }
}

/** What a request costs more for going through one proxy, or two, than straight to the container: one in turn of each. */
export const hopsBenchmark = async (ours: OurFleet, name: string): Promise<ReadonlyArray<Row>> => {
  const [home] = await ours.homesOf(name)
  const peer = ours.fleet.workers.find((worker) => worker !== home)!
  const host = `${name}-acme.localhost`
  const { id } = await ours.service(name)
  const ways = [
    asking({ address: await containerOf(home!.machine, id), port: servicePort, host }),
    asking(proxyOf(home!.proxy, host)),
    asking(proxyOf(peer.proxy, host)),
  ] as const
  const own: Array<Pair> = []
  const other: Array<Pair> = []
  for (let round = 0; round < warmUp + rounds; round++) {
    const [straight, throughOwn, throughPeer] = [
      await ways[0].ask(),
      await ways[1].ask(),
      await ways[2].ask(),
    ]
    if (round < warmUp) continue
    own.push({ ours: throughOwn, theirs: straight })
    other.push({ ours: throughPeer, theirs: straight })
  }
  for (const { close } of ways) close()
  process.stderr.write(
    `straight to the container: ${median(own.map(({ theirs }) => theirs!)).toFixed(3)} ms\n`,
  )
  return [
    rowOf("a request by the proxy of the instance's worker (against straight)", "ms", own),
    rowOf("a request by the proxy of another worker (against straight)", "ms", other),
  ]
}
