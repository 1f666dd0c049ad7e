import type { PgClient } from "@effect/sql-pg"
import { Context, Effect, FiberSet, Layer, Schedule } from "effect"
import type { SqlClient } from "effect/sql"
import { brakeHolds, peersMost } from "../domain/workers/brake.ts"
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

export interface Brake {
  readonly silent: number
  readonly of: number
  readonly since: Date
}

/** Decides what state every worker is in, and whether so many are silent that nothing may be moved. */
export class Judge extends Context.Service<
  Judge,
  {
    /** Null: it does not hold. */
    readonly brake: () => Brake | null
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

/**
 * How many are silent, of how many: of the workers that run services, or, where the brake holds by that count, of all
 * whose proxies a worker with a lease asks. It must not keep what runs there while we start it elsewhere.
 */
const silenceOf = (judged: ReadonlyArray<Judged>, suspectAfterMs: number) => {
  const services = judged.filter(([{ row }]) => row.roles.includes("services"))
  const joined = services.filter(([, facts]) => facts.joined)
  const asked = services.filter(([{ hello }]) => (hello?.endpointAddress ?? null) !== null)
  const byJoined = { silent: joined.filter(([, , { lost }]) => lost).length, of: joined.length }
  const silent = asked.filter(([, { silentMs }, { lost }]) => lost || silentMs >= suspectAfterMs)
  const byAsked = { silent: silent.length, of: asked.length }
  return byJoined.silent > 0 && brakeHolds(byAsked.silent, byAsked.of) ? byAsked : byJoined
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

  const setBrake = (silent: number, of: number) =>
    Effect.gen(function* () {
      const holds = brakeHolds(silent, of)
      if (holds && brake !== null) {
        brake = { ...brake, silent, of }
        return
      }
      if (holds === (brake !== null)) return
      brake = holds ? { silent, of, since: new Date() } : null
      const title = holds
        ? `${silent} of ${of} workers are silent: nothing is moved`
        : "The workers answer again; services may be moved"
      yield* audit({
        action: holds ? "fleet.brake" : "fleet.brake-released",
        tone: holds ? "bad" : "good",
        text: `${title}.`,
      })
      yield* notifications.tell({
        kind: "brake",
        tone: holds ? "bad" : "good",
        title,
        body: holds
          ? "Half of the fleet at once is more likely the network, or this platform, than the workers. Look at those first; services can be moved by hand on a worker's page."
          : "",
        workerId: null,
      })
    })

  const judgeAll = Effect.gen(function* () {
    yield* watch.refresh
    const policy = policies.current()
    const suspectAfterMs = policy.suspectAfterSeconds * 1000
    const all = factsOf(watch.all(), suspectAfterMs, performance.now())
    const judged = all.map(([of, facts]) => [of, facts, judge(facts, policy)] as const)
    lost.clear()
    for (const [{ row }, , judgement] of judged) if (judgement.lost) lost.add(row.id)
    const silence = silenceOf(judged, suspectAfterMs)
    yield* setBrake(silence.silent, silence.of)
    if (brake !== null || watch.all().length > peersMost) fencingSince = performance.now()
    for (const [of, facts, judgement] of judged) {
      yield* askSilent(of, facts.silentMs, suspectAfterMs)
      if (!isSame(of, judgement)) yield* applyJudgement(of.row, judgement, policy, brake !== null)
    }
  }).pipe(
    Effect.catchCause((cause) => Effect.logWarning("cannot judge the workers", cause)),
    Effect.provideContext(context),
  )

  yield* judgeAll.pipe(Effect.repeat(Schedule.spaced(judgeEvery)), Effect.forkScoped)
  return {
    brake: () => brake,
    isLost: (of) => lost.has(of.row.id),
    fencingForMs: () => performance.now() - fencingSince,
  } satisfies Judge["Service"]
})
