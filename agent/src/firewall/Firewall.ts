import { existsSync, readFileSync } from "node:fs"
import { networkInterfaces } from "node:os"
import { Context, Effect, Layer, Schedule, Stream } from "effect"
import ipaddr from "ipaddr.js"
import { makeChanges } from "../Changes.ts"
import { AgentConfig } from "../config.ts"
import { Observer } from "../observer/Observer.ts"
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
const hasBridge = (): boolean => /^\s*(?:docker_gwbridge|docker0):/m.test(read("/proc/self/net/dev"))

/** Why there is nothing to keep here; null when there is. */
const whyNot = (setting: "auto" | "off"): string | null => {
  if (setting === "off") return "SKYPANEL_FIREWALL is off"
  if (process.getuid?.() !== 0) return "only root may change the packet filter"
  return hasBridge() ? null : "no bridge of a Docker Engine is in this machine's network"
}

/** How long it may take until the first rules are in force, before it counts as a problem. */
const beginning = "not yet: the agent has just started"

/** What is wrong with each set of rules; empty texts are right. */
type Faults = Map<RuleSet["program"], string>

const keep = (rules: RuleSet, development: boolean, tell: (fault: string) => Effect.Effect<void>) =>
  Effect.gen(function* () {
    const observer = yield* Observer
    const keeper = makeKeeper(rules)
    const assert = keeper.assert.pipe(
      Effect.tap((changed) =>
        changed ? Effect.logInfo(`${rules.program}: containers are kept apart from now on`) : Effect.void,
      ),
      Effect.andThen(tell("")),
      Effect.catch((error) => tell(error.reason)),
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
export class Firewall extends Context.Service<
  Firewall,
  {
    /** Why containers are not kept apart now; null when they are, or when it is not for us to do. */
    readonly problem: () => string | null
    readonly changes: Stream.Stream<void>
  }
>()("agent/firewall/Firewall") {
  static readonly layer = Layer.effect(
    Firewall,
    Effect.suspend(() => make),
  )
  /** For workers that run no services. */
  static readonly layerNone = Layer.succeed(Firewall, { problem: () => null, changes: Stream.never })
}

const make = Effect.gen(function* () {
  const { firewall, development, controlPlane } = yield* AgentConfig
  const changes = yield* makeChanges
  const sets = ruleSets(facts(controlPlane))
  const faults: Faults = new Map(sets.map(({ program }) => [program, beginning]))
  const off = { problem: () => null, changes: changes.stream }
  if (firewall === "off") {
    yield* Effect.logWarning("containers are not kept apart: SKYPANEL_FIREWALL is off")
    return off
  }
  const tell = (program: RuleSet["program"]) => (fault: string) =>
    Effect.gen(function* () {
      if (faults.get(program) === fault) return
      faults.set(program, fault)
      if (fault !== "") yield* Effect.logError(`containers are NOT kept apart: ${fault}`)
      yield* changes.tell
    })
  const begin = Effect.suspend(() => {
    const reason = whyNot(firewall)
    if (reason === null) return Effect.void
    return Effect.forEach(sets, ({ program }) => tell(program)(reason), { discard: true }).pipe(
      Effect.andThen(Effect.fail("not yet")),
    )
  })
  yield* begin.pipe(
    Effect.retry(Schedule.spaced("1 second")),
    Effect.andThen(
      Effect.forEach(sets, (rules) => keep(rules, development, tell(rules.program)), {
        concurrency: "unbounded",
        discard: true,
      }),
    ),
    Effect.scoped,
    Effect.forkScoped,
  )
  return {
    problem: () => {
      const fault = Array.from(faults.values()).find((text) => text !== "")
      return fault === undefined ? null : `containers are not kept apart: ${fault}`
    },
    changes: changes.stream,
  }
})
