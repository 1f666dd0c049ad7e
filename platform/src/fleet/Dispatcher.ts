import type { Desired } from "@skypanel/contract/AgentProtocol"
import type { ServiceId, WorkerId } from "@skypanel/contract/Id"
import { Context, Effect, Layer, PubSub, Queue, Schedule, Semaphore, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { Changes, type RowChange } from "../store/Changes.ts"
import { nextGeneration } from "../store/Workers.ts"
import { AgentSessions, type Live, type SessionNeeds } from "./AgentSessions.ts"
import { sendDown } from "./admission.ts"
import { type DesiredState, desiredState } from "./Desired.ts"
import { FleetWatch } from "./FleetWatch.ts"
import { RuntimeLogs } from "./RuntimeLogs.ts"
import { type RoutesView, readRoutes } from "./routes.ts"

/** A burst of changes is one new state. */
const gather = "20 millis"
/** Every agent's state is looked at again now and then, whatever was missed; not more than so many a second. */
const sweepSeconds = 30
const sweepPerSecondMost = 20
/** One that was not heard for so long is not waited for: what it does, nobody sees. */
const presentMs = 3_000
const atATime = 8

/** Tells agents what they shall do, whenever that is something else than what they were told. */
export class Dispatcher extends Context.Service<
  Dispatcher,
  {
    /**
     * Sends what is so now to every agent that leads requests to the service, and waits until each has carried it out,
     * has gone, or was not heard for seconds. The caller sets a limit to it.
     */
    readonly settle: (service: ServiceId) => Effect.Effect<void>
  }
>()("platform/fleet/Dispatcher") {
  static readonly layer = Layer.effect(
    Dispatcher,
    Effect.suspend(() => make),
  )
}

const isIngress = (live: Live, watch: FleetWatch["Service"]) =>
  watch.get(live.worker.id)?.row.roles.includes("ingress") ?? live.hello?.roles.includes("ingress") ?? false

const make = Effect.gen(function* () {
  const sessions = yield* AgentSessions
  const watch = yield* FleetWatch
  const changes = yield* Changes
  const runtimeLogs = yield* RuntimeLogs
  const context = yield* Effect.context<SessionNeeds>()
  const dirty = new Set<WorkerId>()
  const wake = yield* Queue.sliding<void>(1)
  const flushing = yield* Semaphore.make(1)

  const mark = (concerns: (live: Live) => boolean) =>
    Effect.suspend(() => {
      for (const live of sessions.connected()) if (concerns(live)) dirty.add(live.worker.id)
      return dirty.size === 0 ? Effect.void : Queue.offer(wake, undefined)
    })

  const concerns = ({ table, worker, service }: RowChange) => {
    const named = (live: Live) => live.worker.id === worker
    switch (table) {
      case null:
        return () => true
      case "placement":
      case "instance":
      case "service":
        return (live: Live) =>
          named(live) || isIngress(live, watch) || live.services.has(service as ServiceId)
      case "worker":
        return (live: Live) => named(live) || isIngress(live, watch) || live.namesOthers
      case "build":
        return named
      case "deployment":
        return (live: Live) => live.builds > 0
      default:
        return () => false
    }
  }

  const push = (live: Live, routes: RoutesView) =>
    Effect.gen(function* () {
      const row = watch.get(live.worker.id)?.row ?? live.worker
      const worker = { id: row.id, roles: row.roles, agent: row.desired_agent }
      const state: DesiredState = yield* desiredState(worker, routes, yield* runtimeLogs.requests)
      live.services = new Set(state.placements.map(({ serviceId }) => serviceId))
      live.builds = state.builds.length
      live.logs = state.logs.length
      live.namesOthers = state.peers.length + state.clusterAddresses.length > 0
      const text = JSON.stringify(state)
      if (text === live.sentState) return
      const generation = yield* nextGeneration(row.id)
      live.sentState = text
      live.sentGeneration = generation
      sendDown(live.connection, { _tag: "desired", generation, ...state } satisfies Desired)
    }).pipe(Effect.catchCause((cause) => Effect.logWarning("cannot send the desired state", cause)))

  /** Of all services if anybody needs them, else of those that the agents run. */
  const routesFor = (lives: ReadonlyArray<Live>) =>
    Effect.gen(function* () {
      if (lives.some((live) => isIngress(live, watch))) return yield* readRoutes(null)
      const sql = yield* SqlClient.SqlClient
      const ids = lives.map(({ worker }) => worker.id)
      const rows = yield* sql<{ id: ServiceId }>`select distinct service_id as id from placement
        where ${sql.in("worker_id", ids)} and state in ('starting', 'serving')`
      return yield* readRoutes(new Set(rows.map(({ id }) => id)))
    })

  const flush = Effect.gen(function* () {
    const lives = Array.from(dirty).flatMap((id) => sessions.get(id) ?? [])
    dirty.clear()
    // One that has not said what it is has nothing to do yet.
    const known = lives.filter(({ hello }) => hello !== null)
    if (known.length === 0) return
    yield* watch.refresh
    const routes = yield* routesFor(known)
    yield* Effect.forEach(known, (live) => push(live, routes), { concurrency: atATime, discard: true })
  }).pipe(
    flushing.withPermits(1),
    Effect.catchCause((cause) => Effect.logWarning("cannot tell agents what they shall do", cause)),
    Effect.provideContext(context),
  )

  const isCarriedOut = (live: Live) =>
    sessions.get(live.worker.id) !== live ||
    (live.observed?.generation ?? 0) >= live.sentGeneration ||
    performance.now() - (watch.get(live.worker.id)?.heardAt ?? 0) > presentMs

  const settle = (service: ServiceId) =>
    Effect.scoped(
      Effect.gen(function* () {
        const reports = yield* PubSub.sliding<void>(1)
        yield* Stream.runForEach(sessions.reported, () => PubSub.publish(reports, undefined)).pipe(
          Effect.forkScoped,
        )
        const subscription = yield* PubSub.subscribe(reports)
        const concerned = (live: Live) => isIngress(live, watch) || live.services.has(service)
        const awaited = sessions.connected().filter(concerned)
        for (const { worker } of awaited) dirty.add(worker.id)
        yield* flush
        while (!awaited.every(isCarriedOut))
          yield* Effect.race(PubSub.take(subscription), Effect.sleep("200 millis"))
      }),
    )

  let swept = 0
  const sweep = Effect.suspend(() => {
    const all = sessions.connected()
    const count = Math.min(sweepPerSecondMost, Math.ceil(all.length / sweepSeconds))
    for (let at = 0; at < count; at++) {
      const live = all[(swept + at) % all.length]
      if (live !== undefined) dirty.add(live.worker.id)
    }
    swept += count
    return Queue.offer(wake, undefined)
  })

  yield* Stream.runForEach(changes.stream, (change) => mark(concerns(change))).pipe(Effect.forkScoped)
  yield* Stream.runForEach(sessions.introduced, (id) => mark((live) => live.worker.id === id)).pipe(
    Effect.forkScoped,
  )
  yield* Stream.runForEach(runtimeLogs.changed, () =>
    Effect.flatMap(runtimeLogs.requests, (requests) => {
      const wanted = new Set(requests.map(({ serviceId }) => serviceId))
      return mark((live) => live.logs > 0 || Array.from(wanted).some((id) => live.services.has(id)))
    }),
  ).pipe(Effect.forkScoped)
  yield* sweep.pipe(Effect.repeat(Schedule.spaced("1 second")), Effect.forkScoped)
  yield* Queue.take(wake).pipe(
    Effect.andThen(Effect.sleep(gather)),
    Effect.andThen(flush),
    Effect.forever,
    Effect.forkScoped,
  )
  return Dispatcher.of({ settle })
})
