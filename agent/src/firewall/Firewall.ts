import { Context, Effect, Layer, Schedule, Stream } from "effect"
import { makeChanges } from "../Changes.ts"
import { AgentConfig } from "../config.ts"
import { DesiredState } from "../desired/DesiredState.ts"
import { Observer } from "../observer/Observer.ts"
import { Membership } from "../swarm/Membership.ts"
import { forgetBootRules, keepBootRules } from "./bootRules.ts"
import { bridgesAreFiltered } from "./bridgeFilter.ts"
import { clusterAddressesOf, factsNow, hasBridge, type Known } from "./facts.ts"
import type { Match } from "./floodLimits.ts"
import { type Keeper, makeKeeper, matchesOf } from "./PacketFilter.ts"
import type { RuleSet } from "./ruleSet.ts"
import { chains, ruleSets } from "./rules.ts"
import { makeForgedWarning, makeTableWarning } from "./warnings.ts"

const lookEvery = "5 seconds"
/** What was put right counts as right when it still is after this. */
const lookAgainAfter = "1 second"

const noBridge = "no bridge of a Docker Engine is in this machine's network"

/**
 * Why there is nothing to keep here; null when there is. A worker has the rules before its engine makes the first
 * bridge; a developer's machine gets none for an engine that is elsewhere.
 */
const whyNot = (development: boolean): string | null => {
  if (process.getuid?.() !== 0) return "only root may change the packet filter"
  return development && !hasBridge() ? noBridge : null
}

/** What is looked after. */
const parts = ["iptables", "ip6tables", "bridges"] as const
type Part = (typeof parts)[number]

/** How long it may take until the first rules are in force, before it counts as a problem. */
const beginning = "not yet: the agent has just started"

/** One look at a part, which puts right what is not; gives what that was. */
type Look = Effect.Effect<string | null, { readonly reason: string }>

const lookAtRules = (keeper: Keeper, rules: () => RuleSet, dataFolder: string): Look =>
  Effect.gen(function* () {
    const now = rules()
    const standing = yield* keeper.standing(now)
    if (standing._tag === "in-force") return null
    yield* keeper.putInForce(now)
    if (standing._tag === "damaged") return `somebody changed the rules of ${now.program} (${standing.what})`
    yield* keepBootRules(dataFolder, now)
    yield* Effect.logInfo(`${now.program}: containers are kept apart from now on`)
    return null
  })

const lookAtBridges: Look = Effect.gen(function* () {
  if (!hasBridge()) return yield* Effect.fail({ reason: noBridge })
  const off = yield* bridgesAreFiltered()
  return off.length === 0 ? null : `somebody switched off ${off.join(" and ")}`
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
  const { controlPlane, dataFolder, development, firewall } = yield* AgentConfig
  const desired = yield* DesiredState
  const observer = yield* Observer
  const membership = yield* Membership
  const changes = yield* makeChanges
  if (firewall === "off") {
    yield* Effect.logWarning("containers are not kept apart: SKYPANEL_FIREWALL is off")
    yield* forgetBootRules(dataFolder)
    return { problem: () => null, changes: changes.stream }
  }
  const faults = new Map<Part, string>(parts.map((part) => [part, beginning]))

  const tell = (part: Part, fault: string) =>
    Effect.gen(function* () {
      if (faults.get(part) === fault) return
      faults.set(part, fault)
      if (fault !== "") yield* Effect.logError(`containers are NOT kept apart: ${fault}`)
      yield* changes.tell
    })

  /** Only a look that finds nothing wrong withdraws a fault: who puts something right has not seen it hold. */
  const settle = (part: Part, look: Look) =>
    Effect.gen(function* () {
      for (;;) {
        const wrong = yield* look
        if (wrong === null) return yield* tell(part, "")
        yield* tell(part, `${wrong}; that is put right now and watched`)
        yield* Effect.sleep(lookAgainAfter)
      }
    }).pipe(Effect.catch(({ reason }) => tell(part, reason)))

  const ticks = Stream.merge(
    Stream.fromSchedule(Schedule.spaced(lookEvery)),
    Stream.merge(observer.changes, desired.changes),
  )
  const keep = (part: Part, look: Look) =>
    ticks.pipe(
      Stream.buffer({ capacity: 1, strategy: "sliding" }),
      Stream.runForEach(() => Effect.andThen(settle(part, look), Effect.sleep("200 millis"))),
    )

  const begin = Effect.suspend(() => {
    const reason = whyNot(development)
    return reason === null ? matchesOf("iptables") : Effect.fail({ reason })
  }).pipe(
    Effect.tapError(({ reason }) => Effect.forEach(parts, (part) => tell(part, reason), { discard: true })),
    Effect.retry(Schedule.spaced("1 second")),
  )

  const known = (matches: ReadonlySet<Match>): Known => {
    const { fleetAddresses, clusterAddresses = [] } = desired.current()
    const { managers } = membership.member()
    return {
      controlPlane,
      fleetAddresses,
      clusterAddresses: clusterAddressesOf(clusterAddresses, managers),
      matches,
    }
  }

  const keepAll = (matches: ReadonlySet<Match>) =>
    Effect.gen(function* () {
      for (const match of ["hashlimit", "connlimit"] as const)
        if (!matches.has(match))
          yield* Effect.logWarning(`no "${match}" in this kernel: floods by containers are limited less`)
      const rulesOf = (program: RuleSet["program"]) => () =>
        ruleSets(factsNow(known(matches))).find((rules) => rules.program === program)!
      const keepers = (["iptables", "ip6tables"] as const).map((program) => ({
        program,
        keeper: makeKeeper(program),
      }))
      if (development)
        yield* Effect.addFinalizer(() =>
          Effect.forEach(
            keepers,
            ({ keeper }) =>
              keeper
                .remove()
                .pipe(Effect.catch((error) => Effect.logWarning("rules stay behind", error.reason))),
            { discard: true },
          ),
        )
      const warnings = Effect.andThen(
        Effect.ignore(makeForgedWarning(keepers[0]!.keeper.packets(chains.forged))),
        makeTableWarning(),
      )
      yield* Effect.all(
        [
          ...keepers.map(({ program, keeper }) =>
            keep(program, lookAtRules(keeper, rulesOf(program), dataFolder)),
          ),
          keep("bridges", lookAtBridges),
          Effect.repeat(warnings, Schedule.spaced(lookEvery)),
        ],
        { concurrency: "unbounded", discard: true },
      )
    })

  yield* begin.pipe(Effect.flatMap(keepAll), Effect.scoped, Effect.forkScoped)
  return {
    problem: () => {
      const fault = Array.from(faults.values()).find((text) => text !== "")
      return fault === undefined ? null : `containers are not kept apart: ${fault}`
    },
    changes: changes.stream,
  }
})
