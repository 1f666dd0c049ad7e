import { existsSync, readFileSync } from "node:fs"
import { networkInterfaces } from "node:os"
import { Effect, Layer, Schedule, Stream } from "effect"
import ipaddr from "ipaddr.js"
import { AgentConfig } from "../config.ts"
import { Observer } from "../observer/Observer.ts"
import { readSystemFile } from "../systemFiles.ts"
import { makeKeeper } from "./PacketFilter.ts"
import { type FirewallFacts, type RuleSet, ruleSets } from "./rules.ts"

const assertEvery = "5 seconds"

/** The addresses behind `nameserver` of a resolv.conf(5). */
export const nameserversOf = (text: string): ReadonlyArray<string> =>
  Array.from(text.matchAll(/^\s*nameserver\s+(\S+)/gm), (match) => match[1]!)

const isPublic = (address: string) => ipaddr.isValid(address) && ipaddr.parse(address).range() === "unicast"

const read = (file: string) => (existsSync(file) ? readFileSync(file, "utf8") : "")

const facts = (controlPlane: URL): FirewallFacts => ({
  // Where systemd-resolved runs, the file that the engine itself reads then.
  nameservers: [
    ...nameserversOf(read("/etc/resolv.conf")),
    ...nameserversOf(read("/run/systemd/resolve/resolv.conf")),
  ],
  ownAddresses: [
    controlPlane.hostname,
    ...Object.values(networkInterfaces()).flatMap((addresses) =>
      (addresses ?? []).map(({ address }) => address),
    ),
  ].filter(isPublic),
  overlayPort: 4789,
})

/** Not by /sys/class/net: that shows the network in which /sys was mounted, which need not be this process' own. */
const hasBridge = (): boolean =>
  /^\s*(?:docker_gwbridge|docker0):/m.test(readSystemFile("/proc/self/net/dev"))

/** Why there is nothing to keep here; null when there is. */
const whyNot = (setting: "auto" | "off"): string | null => {
  if (setting === "off") return "SKYPANEL_FIREWALL is off"
  if (process.getuid?.() !== 0) return "only root may change the packet filter"
  return hasBridge() ? null : "no bridge of a Docker Engine is in this machine's network"
}

const keep = (rules: RuleSet, development: boolean) =>
  Effect.gen(function* () {
    const observer = yield* Observer
    const keeper = makeKeeper(rules)
    let refusal = ""
    const assert = keeper.assert.pipe(
      Effect.tap((changed) =>
        changed ? Effect.logInfo(`${rules.program}: containers are kept apart from now on`) : Effect.void,
      ),
      Effect.tap(() => Effect.sync(() => (refusal = ""))),
      Effect.catch((error) =>
        Effect.gen(function* () {
          if (error.reason !== refusal)
            yield* Effect.logError(`containers are NOT kept apart: ${error.reason}`)
          refusal = error.reason
        }),
      ),
    )
    if (development)
      yield* Effect.addFinalizer(() =>
        keeper.remove.pipe(Effect.catch((error) => Effect.logWarning("rules stay behind", error.reason))),
      )
    // The engine writes its own rules when it starts and with every network: looked after at once, not in 5 s.
    yield* Stream.merge(Stream.fromSchedule(Schedule.spaced(assertEvery)), observer.changes).pipe(
      Stream.buffer({ capacity: 1, strategy: "sliding" }),
      Stream.runForEach(() => Effect.andThen(assert, Effect.sleep("200 millis"))),
    )
  })

/**
 * Keeps containers apart from this machine, its network, other organizations and the platform: the engine alone does
 * not. Looked after for as long as the agent runs; the rules stay without it, except in development.
 */
export const layerFirewall = Layer.effectDiscard(
  Effect.gen(function* () {
    const { firewall, development, controlPlane } = yield* AgentConfig
    const sets = ruleSets(facts(controlPlane))
    const reason = whyNot(firewall)
    if (reason !== null) yield* Effect.logWarning(`containers are not kept apart: ${reason}`)
    if (firewall === "off") return
    const begin = Effect.suspend(() => (whyNot(firewall) === null ? Effect.void : Effect.fail("not yet")))
    yield* begin.pipe(
      Effect.retry(Schedule.spaced("1 second")),
      Effect.andThen(
        Effect.forEach(sets, (rules) => keep(rules, development), {
          concurrency: "unbounded",
          discard: true,
        }),
      ),
      Effect.scoped,
      Effect.forkScoped,
    )
  }),
)
