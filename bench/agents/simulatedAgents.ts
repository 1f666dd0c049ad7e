// `node simulatedAgents.ts URL AGENTS INGRESS`: a fleet of simulated agents in one process. Its parent is told when all
// are there, and asks for what they saw since it asked before.
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { rolesOf } from "./fleetRows.ts"
import { quantile } from "./quantile.ts"
import { type Seen, SimulatedAgent } from "./simulatedAgent.ts"

/** Agents that are on their way in at a time: the platform lets no more than 200 strangers wait. */
const comingMost = 100

const [url = "", agents = "0", ingress = "0", proxyPort = "0"] = process.argv.slice(2)
const seen: Seen = { welcomed: 0, ended: new Map(), heartbeats: 0, desired: 0, desiredBytes: 0, pulses: [] }

export interface Report extends Omit<Seen, "ended" | "pulses"> {
  readonly ended: Readonly<Record<string, number>>
  readonly pulseP50: number
  readonly pulseP99: number
  readonly pulses: number
}

const report = (): Report => {
  const pulses = seen.pulses.toSorted((a, b) => a - b)
  const { ended, ...rest } = seen
  const made = {
    ...rest,
    ended: Object.fromEntries(ended),
    pulses: pulses.length,
    pulseP50: quantile(pulses, 0.5),
    pulseP99: quantile(pulses, 0.99),
  }
  Object.assign(seen, { heartbeats: 0, desired: 0, desiredBytes: 0, pulses: [] })
  ended.clear()
  return made
}

// One proxy for all: what the platform asks when an agent is silent.
const proxy = createServer((_, response) => response.end("ok"))
await new Promise<void>((resolve) => proxy.listen(Number(proxyPort), "127.0.0.1", resolve))
const address = `127.0.0.1:${(proxy.address() as AddressInfo).port}`

const waiting = Array.from({ length: Number(agents) }, (_, at) => at).reverse()
const bringIn = async () => {
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop())
    await new SimulatedAgent(at, url, rolesOf(at, Number(ingress)), address, seen).connect()
}
process.on("message", () => process.send?.(report()))
process.on("disconnect", () => process.exit(0))
await Promise.all(Array.from({ length: comingMost }, bringIn))
process.send?.("connected")
