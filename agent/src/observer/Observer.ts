import { type ContainerObserved, listens } from "@skypanel/contract/AgentProtocol"
import { Context, Effect, FiberMap, Layer, Schedule, Semaphore, Stream } from "effect"
import { makeChanges } from "../Changes.ts"
import { DesiredState } from "../desired/DesiredState.ts"
import { ContainerEngine } from "../engine/ContainerEngine.ts"
import type { Container } from "./Container.ts"
import { type Backend, backendsOf, newestFirst, observedOf, shown, type Watched } from "./observation.ts"
import { type ProbeResult, type ProbeTarget, probe } from "./Probe.ts"
import { afterProbe, notProbed, pauseAfter } from "./Probing.ts"
import { msUntilSteady, steadiness } from "./Steadiness.ts"

const lastLinesCount = 20
const lastLinesEveryMs = 2_000
const reconcileEvery = "5 seconds"

/** Watches this machine's containers: what the engine says of them, and whether they answer. */
export class Observer extends Context.Service<
  Observer,
  {
    readonly containers: () => ReadonlyArray<ContainerObserved>
    /** Containers of a service, newest first: for their logs. */
    readonly all: () => ReadonlyArray<Container>
    /** Those that are healthy, newest first. */
    readonly backends: () => ReadonlyArray<Backend>
    /** Every container that was there when the agent started has been looked at: before that, none seems healthy. */
    readonly isSettled: () => boolean
    /** Ticks when any of these changed. */
    readonly changes: Stream.Stream<void>
  }
>()("agent/observer/Observer") {
  static readonly layer = Layer.effect(
    Observer,
    Effect.suspend(() => make),
  )
  /** For workers that run no services. */
  static readonly layerNone = Layer.succeed(Observer, {
    containers: () => [],
    all: () => [],
    backends: () => [],
    isSettled: () => true,
    changes: Stream.never,
  })
}

/** What is looked at of a container; without a port, only since when it is up. */
type Target = ProbeTarget | { readonly upSince: string }

const make = Effect.gen(function* () {
  const engine = yield* ContainerEngine
  const desired = yield* DesiredState
  const changes = yield* makeChanges
  const scope = yield* Effect.scope
  const entries = new Map<string, Watched>()
  const probers = yield* FiberMap.make<string>()
  const targets = new Map<string, string>()
  let reconciled = false
  let settled = false
  // One look at a time: of two that overlap, the older answer could win.
  const looking = yield* Semaphore.make(1)

  const put = (id: string, entry: Watched) => {
    const before = entries.get(id)
    entries.set(id, entry)
    if (before === undefined || shown(before) !== shown(entry)) changes.tellUnsafe()
  }

  const linesOf = (id: string) =>
    engine.lastLines(id, lastLinesCount).pipe(
      Effect.timeout("2 seconds"),
      Effect.catch(() => Effect.succeed<ReadonlyArray<string>>([])),
    )

  const learn = (id: string, entry: Watched, result: ProbeResult) => {
    const probing = afterProbe(entry.probing, result)
    put(id, { ...entry, probing })
    return probing
  }

  const probeOnce = Effect.fnUntraced(function* (id: string, target: ProbeTarget, linesAt: { ms: number }) {
    const result = yield* probe(target)
    const entry = entries.get(id)
    if (entry === undefined) return notProbed
    const probing = learn(id, entry, result)
    if (!probing.healthy && Date.now() - linesAt.ms > lastLinesEveryMs) {
      linesAt.ms = Date.now()
      const lastLines = yield* linesOf(id)
      const now = entries.get(id)
      if (now !== undefined) put(id, { ...now, lastLines })
    }
    return probing
  })

  const prober = Effect.fnUntraced(function* (id: string, target: ProbeTarget) {
    const began = Date.now()
    const linesAt = { ms: began }
    while (true) {
      const probing = yield* probeOnce(id, target, linesAt)
      yield* Effect.sleep(pauseAfter(probing, Date.now() - began))
    }
  })

  /** Nobody is asked: it is healthy once it has stayed up. Whatever ends it replaces this. */
  const awaitSteady = Effect.fnUntraced(function* (id: string, upSince: string) {
    const see = (isSteady: boolean) => {
      const entry = entries.get(id)
      if (entry !== undefined) learn(id, entry, steadiness(isSteady))
    }
    const left = msUntilSteady(upSince, Date.now())
    if (left > 0) see(false)
    yield* Effect.sleep(left)
    see(true)
  })

  /** The engine can report a start before the bridge has its address: look again until it does. */
  const withoutAddress = (id: string) =>
    Effect.sleep("50 millis").pipe(
      Effect.andThen(
        Effect.forkIn(
          Effect.suspend(() => refresh(id)),
          scope,
        ),
      ),
      Effect.repeat(Schedule.recurs(40)),
    )

  const targetOf = ({ container }: Watched): Target | "no address" | null => {
    const { placements, routes } = desired.current()
    const watch = placements.find((one) => one.placementId === container.placementId)
    if (watch === undefined || container.state !== "running") return null
    if (!listens(watch)) return container.startedAt === null ? null : { upSince: container.startedAt }
    if (container.address === null) return "no address"
    const host = routes.find((route) => route.serviceId === container.serviceId)?.host ?? null
    return { address: container.address, port: watch.port, healthPath: watch.healthPath, host }
  }

  const watchingOf = (id: string, target: Target | "no address") => {
    if (target === "no address") return withoutAddress(id)
    return "upSince" in target ? awaitSteady(id, target.upSince) : prober(id, target)
  }

  /** Starts, replaces or ends the container's prober, if what it should look at is different now. */
  const adjust = Effect.fnUntraced(function* (id: string) {
    const entry = entries.get(id)
    const target = entry === undefined ? null : targetOf(entry)
    const key = JSON.stringify([target, entry?.container.startedAt])
    if (targets.get(id) === key) return
    targets.set(id, key)
    if (entry === undefined) targets.delete(id)
    if (target === null) yield* FiberMap.remove(probers, id)
    else yield* FiberMap.run(probers, id, watchingOf(id, target))
  })

  const look = Effect.fnUntraced(function* (id: string) {
    const container = yield* engine.container(id)
    const before = entries.get(id)
    if (container === null) {
      if (entries.delete(id)) yield* changes.tell
      return yield* adjust(id)
    }
    const again = before?.container.startedAt === container.startedAt
    const ended = container.state === "exited"
    put(id, {
      container,
      probing: again && before !== undefined && !ended ? before.probing : notProbed,
      lastLines: ended ? yield* linesOf(id) : (again && before?.lastLines) || [],
    })
    yield* adjust(id)
  })

  const refresh = (id: string): Effect.Effect<void> =>
    look(id).pipe(
      looking.withPermits(1),
      Effect.catch((error) => Effect.logDebug("cannot look at a container", error)),
    )

  const reconcile = Effect.gen(function* () {
    const listed = yield* engine.listed
    const there = new Set(listed.map(({ id }) => id))
    const gone = Array.from(entries.keys()).filter((id) => !there.has(id))
    const changed = listed.filter(({ id, state }) => {
      const known = entries.get(id)?.container
      return known?.state !== state || (state === "running" && known.address === null)
    })
    for (const id of [...gone, ...changed.map(({ id }) => id)]) yield* refresh(id)
    if (reconciled) return
    reconciled = true
    yield* changes.tell
  }).pipe(Effect.catch((error) => Effect.logWarning("the engine does not answer", error.reason)))

  yield* Stream.runForEach(engine.events, refresh).pipe(
    // The stream ends with the engine; what happened meanwhile is found by the next look at everything.
    Effect.catch((error) => Effect.logDebug("the engine's events ended", error)),
    Effect.andThen(Effect.sleep("500 millis")),
    Effect.forever,
    Effect.forkScoped,
  )
  yield* reconcile.pipe(Effect.repeat(Schedule.spaced(reconcileEvery)), Effect.forkScoped)
  yield* Stream.runForEach(desired.changes, () =>
    Effect.forEach(Array.from(entries.keys()), adjust, { discard: true }).pipe(looking.withPermits(1)),
  ).pipe(Effect.forkScoped)

  const isProbed = (entry: Watched) => entry.probing !== notProbed || targetOf(entry) === null

  return {
    changes: changes.stream,
    isSettled: () => {
      settled ||= reconciled && Array.from(entries.values()).every(isProbed)
      return settled
    },
    all: () =>
      Array.from(entries.values())
        .toSorted(newestFirst)
        .map(({ container }) => container),
    containers: () => observedOf(Array.from(entries.values())),
    backends: () => backendsOf(Array.from(entries.values()), desired.current().placements),
  }
})
