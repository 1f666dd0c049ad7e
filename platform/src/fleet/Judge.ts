import type { PgClient } from "@effect/sql-pg"
import { Context, Effect, FiberSet, Layer, Schedule } from "effect"
import type { SqlClient } from "effect/sql"
import { type Brake, brakeHolds, nextBrake, peersMost, type Silence } from "../domain/workers/brake.ts"
import { type Judgement, judge, type WorkerFacts } from "../domain/workers/judge.ts"
import { Notifications } from "../notify/Notifications.ts"
import { audit } from "../store/Audit.ts"
import { askProxy } from "./askProxy.ts"
import { FleetPolicies } from "./FleetPolicies.ts"
import { FleetWatch, type Watched } from "./FleetWatch.ts"
import { factsOf } from "./facts.ts"
import { applyJudgement } from "./transitions.ts"

const judgeEvery = "500 millis"
/** A silent worker's proxy is asked from half of the time on after which it is suspect, once a second. */
const askEveryMs = 1_000
const askDeadlineMs = 1_500
/** No service has this name: a proxy that answers says so itself. */
const nobody = "skypanel-probe.invalid"

/** What people are told of it. */
export interface FirmBrake extends Brake {
  readonly since: Date
}

/** Decides what state every worker is in, and whether so many are silent that nothing may be moved. */
export class Judge extends Context.Service<
  Judge,
  {
    /** Null: half of the fleet is not silent. */
    readonly brake: () => FirmBrake | null
    /** Nothing is moved by itself now: that is so for a moment too until it is known whether it is half of the fleet. */
    readonly holds: () => boolean
    readonly isLost: (of: Watched) => boolean
    /** For how long a worker that is lost has been able to know that it alone is; 0: it is not. */
    readonly fencingForMs: () => number
  }
>()("platform/fleet/Judge") {
  static readonly layer = Layer.effect(
    Judge,
    Effect.suspend(() => make),
  )
}

const isSame = ({ row }: Watched, { state, reason, takesNew, getsTraffic, lost }: Judgement) =>
  row.state === state &&
  row.state_reason === reason &&
  row.takes_new === takesNew &&
  row.gets_traffic === getsTraffic &&
  (row.silent_since !== null) === lost

type Judged = readonly [Watched, WorkerFacts, Judgement]

const count = (judged: ReadonlyArray<Judged>, is: (...judged: Judged) => boolean) =>
  judged.filter((one) => is(...one)).length

/**
 * How much of the fleet is silent: of the workers that run services, or, where the brake holds by that count, of all
 * whose proxies a worker with a lease asks. It must not keep what runs there while we start it elsewhere.
 */
const silenceOf = (judged: ReadonlyArray<Judged>, suspectAfterMs: number): Silence => {
  const services = judged.filter(([{ row }]) => row.roles.includes("services"))
  const joined = services.filter(([, facts]) => facts.joined)
  const asked = services.filter(([{ hello }]) => (hello?.endpointAddress ?? null) !== null)
  const byJoined = {
    lost: count(joined, (_, __, { lost }) => lost),
    quiet: count(
      joined,
      (_, { silentMs, proxyAnswers }, { lost }) =>
        lost || (silentMs >= suspectAfterMs / 2 && proxyAnswers !== true),
    ),
    of: joined.length,
  }
  const silent = count(asked, (_, { silentMs }) => silentMs >= suspectAfterMs)
  if (byJoined.lost === 0 || !brakeHolds(silent, asked.length)) return byJoined
  return { lost: silent, quiet: silent, of: asked.length }
}

/**
 * While the brake holds a silent worker keeps its traffic: the proxies find out by themselves who does not answer them,
 * and it is the platform that may be mistaken.
 */
const heldBack = (judgement: Judgement): Judgement =>
  judgement.lost ? { ...judgement, getsTraffic: true } : judgement

const messages = {
  holds: ({ silent, of }: Brake) => ({
    action: "fleet.brake",
    tone: "bad" as const,
    title: `${silent} of ${of} workers are silent: nothing is moved`,
    body: "Half of the fleet at once is more likely the network, or this platform, than the workers. Look at those first; services can be moved by hand on a worker's page.",
  }),
  released: {
    action: "fleet.brake-released",
    tone: "good" as const,
    title: "The workers answer again; services may be moved",
    body: "",
  },
}

const make = Effect.gen(function* () {
  const watch = yield* FleetWatch
  const policies = yield* FleetPolicies
  const notifications = yield* Notifications
  const context = yield* Effect.context<SqlClient.SqlClient | PgClient.PgClient | Notifications>()
  const asking = yield* FiberSet.make<void>()
  const askedAt = new WeakMap<Watched, number>()
  const lost = new Set<string>()
  let brake: Brake | null = null
  let since = new Date()
  // What was before this platform's start is not known.
  let fencingSince = performance.now()

  const ask = (of: Watched, address: string) =>
    askProxy(address, nobody, "/", askDeadlineMs).pipe(
      Effect.match({ onFailure: () => false, onSuccess: () => true }),
      // What was asked before it was heard again says nothing.
      Effect.flatMap((answers) =>
        Effect.sync(() => {
          if (performance.now() - of.heardAt > askEveryMs) watch.proxyAnswered(of.row.id, answers)
        }),
      ),
    )

  const askSilent = (of: Watched, silentMs: number, suspectAfterMs: number) =>
    Effect.gen(function* () {
      const address = of.hello?.endpointAddress ?? null
      const now = performance.now()
      if (address === null || silentMs < suspectAfterMs / 2) return
      if (now - (askedAt.get(of) ?? Number.NEGATIVE_INFINITY) < askEveryMs) return
      askedAt.set(of, now)
      yield* FiberSet.run(asking, ask(of, address))
    })

  const setBrake = (silence: Silence) =>
    Effect.gen(function* () {
      const now = performance.now()
      const wasFirm = brake?.firm === true
      brake = nextBrake(brake, silence, now)
      if (brake !== null) fencingSince = now
      const isFirm = brake?.firm === true
      if (isFirm === wasFirm) return
      since = new Date()
      const { action, tone, title, body } = brake?.firm ? messages.holds(brake) : messages.released
      yield* audit({ action, tone, text: `${title}.` })
      yield* notifications.tell({ kind: "brake", tone, title, body, workerId: null })
    })

  const judgeAll = Effect.gen(function* () {
    yield* watch.refresh
    const policy = policies.current()
    const suspectAfterMs = policy.suspectAfterSeconds * 1000
    const all = factsOf(watch.all(), suspectAfterMs, performance.now())
    const judged = all.map(([of, facts]) => [of, facts, judge(facts, policy)] as const)
    lost.clear()
    for (const [{ row }, , judgement] of judged) if (judgement.lost) lost.add(row.id)
    yield* setBrake(silenceOf(judged, suspectAfterMs))
    if (watch.all().length > peersMost) fencingSince = performance.now()
    for (const [of, facts, judgement] of judged) {
      yield* askSilent(of, facts.silentMs, suspectAfterMs)
      const held = brake === null ? judgement : heldBack(judgement)
      if (!isSame(of, held)) yield* applyJudgement(of.row, held, policy)
    }
  }).pipe(
    Effect.catchCause((cause) => Effect.logWarning("cannot judge the workers", cause)),
    Effect.provideContext(context),
  )

  yield* judgeAll.pipe(Effect.repeat(Schedule.spaced(judgeEvery)), Effect.forkScoped)
  return {
    brake: () => (brake?.firm ? { ...brake, since } : null),
    holds: () => brake !== null,
    isLost: (of) => lost.has(of.row.id),
    fencingForMs: () => performance.now() - fencingSince,
  } satisfies Judge["Service"]
})
