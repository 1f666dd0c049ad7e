import { execFile } from "node:child_process"
import { lookup } from "node:dns/promises"
import type { networkInterfaces } from "node:os"
import { promisify } from "node:util"
import { addressesMost } from "@skypanel/contract/AgentProtocol"
import { Effect, Schema } from "effect"
import ipaddr from "ipaddr.js"

/** What we read of `ip -json route get` (ip-route(8)). */
const Routes = Schema.fromJsonString(
  Schema.Array(Schema.Struct({ prefsrc: Schema.optionalKey(Schema.String) })),
)

const onlyHere: ReadonlySet<string> = new Set(["loopback", "linkLocal", "unspecified", "multicast"])

/** Where the engine has its containers. */
const ofTheEngine = /^(?:docker0|docker_gwbridge|br-|veth)/

/** The addresses that other machines may see this one by. */
export const addressesOf = (interfaces: ReturnType<typeof networkInterfaces>): ReadonlyArray<string> => {
  const all = Object.entries(interfaces)
    .filter(([name]) => !ofTheEngine.test(name))
    .flatMap(([, found]) => found ?? [])
    .map(({ address }) => address)
    .filter((address) => ipaddr.isValid(address) && !onlyHere.has(ipaddr.parse(address).range()))
  return [...new Set(all)].toSorted().slice(0, addressesMost)
}

/** This machine's address on the way to a host; null where none leads there. */
export const ownAddressTowards = (host: string): Effect.Effect<string | null> =>
  Effect.tryPromise(async () => {
    const { address } = await lookup(host.replace(/^\[|\]$/g, ""))
    const { stdout } = await promisify(execFile)("ip", ["-json", "route", "get", address], { timeout: 5_000 })
    return stdout
  }).pipe(
    Effect.flatMap(Schema.decodeUnknownEffect(Routes)),
    Effect.map((routes) => routes[0]?.prefsrc ?? null),
    Effect.catch(() => Effect.succeed(null)),
  )
