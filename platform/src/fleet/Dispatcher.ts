import type { Desired, LogRequest } from "@skypanel/contract/AgentProtocol"
import type { ServiceId, WorkerId } from "@skypanel/contract/Id"
import type { CommonImages } from "@skypanel/contract/WorkerImages"
import { Context, Effect, Layer, PubSub, Queue, Schedule, Semaphore, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { PlatformConfig } from "../config.ts"
import { Interests } from "../domain/workers/interests.ts"
import type { Sealing } from "../sealing/Sealing.ts"
import { Changes } from "../store/Changes.ts"
import { nextGenerations } from "../store/Workers.ts"
import { AgentSessions, type SessionNeeds } from "./AgentSessions.ts"
import { sendDown } from "./admission.ts"
import { type CommonNeeds, commonImages } from "./commonImages.ts"
import { type DesiredState, type DesiredTables, desiredState, readDesired } from "./Desired.ts"
import { FleetPolicies } from "./FleetPolicies.ts"
import { FleetWatch } from "./FleetWatch.ts"
import type { Live } from "./Live.ts"
import { RuntimeLogs } from "./RuntimeLogs.ts"
import { type RoutesView, readRoutes } from "./routes.ts"

/** A burst of changes is one new state. */
const gather = "20 millis"
/** Every agent's state is looked at again now and then, whatever was missed; not more than so many a second. */
const sweepSeconds = 30
const sweepPerSecondMost = 20
/** One that was not heard for so long is not waited for: what it does, nobody sees. */
const presentMs = 3_000
/** Workers whose states are read and sent together. */
const atATime = 100

/** Tells agents what they shall do, whenever that is something else than what they were told. */
export class Dispatcher extends Context.Service<
  Dispatcher,
  {
    /**
     * Sends what is so now to every agent that leads requests to the service, and waits until each has carried it out,
     * has gone, or was not heard for seconds. The caller sets a limit to it.
     */
    readonly settle: (service: ServiceId) => Effect.Effect<void>
    /** The connected workers that were told to run it. */
    readonly toldToRun: (service: ServiceId) => ReadonlyArray<WorkerId>
  }
>()("platform/fleet/Dispatcher") {
  static readonly layer = Layer.effect(
    Dispatcher,
    Effect.suspend(() => make),
  )
}

interface News {
  readonly live: Live
  readonly state: DesiredState
  readonly text: string
}

const make = Effect.gen(function* () {
  const sessions = yield* AgentSessions
  const watch = yield* FleetWatch
  const changes = yield* Changes
  const runtimeLogs = yield* RuntimeLogs
  const policies = yield* FleetPolicies
  const { registryAddress } = yield* PlatformConfig
  const context = yield* Effect.context<SessionNeeds | Sealing | CommonNeeds>()
  const interests = new Interests()
  const dirty = new Set<WorkerId>()
  let toldSecret = ""
  const wake = yield* Queue.sliding<void>(1)
  const flushing = yield* Semaphore.make(1)

  const rolesOf = (live: Live) => watch.get(live.worker.id)?.row.roles ?? live.worker.roles
  const isIngress = (live: Live) => rolesOf(live).includes("ingress")

  /** Null: everybody. */
  const mark = (concerned: ReadonlyArray<WorkerId> | null) =>
    Effect.suspend(() => {
      for (const id of concerned ?? sessions.connected().map(({ worker }) => worker.id)) dirty.add(id)
      return dirty.size === 0 ? Effect.void : Queue.offer(wake, undefined)
    })

  const remember = (live: Live, { placements, peers, clusterAddresses, builds, logs }: DesiredState) =>
    interests.set(live.worker.id, {
      services: new Set(placements.map(({ serviceId }) => serviceId)),
      ingress: isIngress(live),
      others: peers.length + clusterAddresses.length > 0,
      builds: builds.length > 0,
      logs: logs.length > 0,
    })

  const stateOf = (
    live: Live,
    tables: DesiredTables,
    routes: RoutesView,
    logs: ReadonlyArray<LogRequest>,
    common: CommonImages,
  ) => {
    const { desired_agent: agent, availability } = watch.get(live.worker.id)?.row ?? live.worker
    const worker = { id: live.worker.id, roles: rolesOf(live), agent, active: availability === "active" }
    const { mostMiB, diskPercent } = policies.current().images
    const room = {
      registry: registryAddress,
      bytesMost: mostMiB === 0 ? null : mostMiB * 1024 ** 2,
      diskPercent,
    }
    return desiredState(worker, tables, routes, logs, common, room)
  }

  /** What cannot be sent to one is no reason not to tell the others. */
  const send = ({ live, state, text }: News, generation: number | undefined) =>
    Effect.sync(() => {
      if (generation === undefined) return
      live.sentState = text
      live.sentGeneration = generation
      sendDown(live.connection, { _tag: "desired", generation, ...state } satisfies Desired)
    }).pipe(
      Effect.catchCause((cause) =>
        Effect.logWarning(`cannot tell ${live.worker.name} what it shall do`, cause),
      ),
    )

  /** Sends them what is new to them: with a handful of statements, however many they are. */
  const push = (lives: ReadonlyArray<Live>, routes: RoutesView) =>
    Effect.gen(function* () {
      const tables = yield* readDesired(
        lives.map(({ worker }) => worker.id),
        policies.current().images.releases,
      )
      const logs = yield* runtimeLogs.requests
      const common = yield* commonImages
      const news: Array<News> = []
      for (const live of lives) {
        const state = stateOf(live, tables, routes, logs, common)
        remember(live, state)
        const text = JSON.stringify(state)
        if (text !== live.sentState) news.push({ live, state, text })
      }
      const generations = yield* nextGenerations(news.map(({ live }) => live.worker.id))
      yield* Effect.forEach(news, (one) => send(one, generations.get(one.live.worker.id)), { discard: true })
    }).pipe(Effect.catchCause((cause) => Effect.logWarning("cannot send desired states", cause)))

  const servicesOn = (lives: ReadonlyArray<Live>) =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const ids = lives.map(({ worker }) => worker.id)
      const rows = yield* sql<{ id: ServiceId }>`select distinct service_id as id from placement
        where ${sql.in("worker_id", ids)} and not gone and state in ('starting', 'serving')`
      return new Set(rows.map(({ id }) => id))
    })

  /** All proxies have to know a new one before the first of them goes by it. */
  const tellSecret = ({ peerSecret }: RoutesView) =>
    Effect.suspend(() => {
      if (peerSecret === toldSecret) return Effect.void
      toldSecret = peerSecret
      return mark(null)
    })

  /** The routes of all services are read only for those that need them. */
  const pushEach = (lives: ReadonlyArray<Live>, ingress: boolean) =>
    Effect.gen(function* () {
      for (let at = 0; at < lives.length; at += atATime) {
        const some = lives.slice(at, at + atATime)
        const routes = yield* readRoutes(ingress ? null : yield* servicesOn(some))
        yield* push(some, routes)
        yield* tellSecret(routes)
      }
    })

  const flush = Effect.gen(function* () {
    const lives = Array.from(dirty).flatMap((id) => {
      const live = sessions.get(id)
      if (live === undefined) interests.forget(id)
      return live ?? []
    })
    dirty.clear()
    // One that has not said what it is has nothing to do yet.
    const known = lives.filter(({ hello }) => hello !== null)
    if (known.length === 0) return
    yield* watch.refresh
    yield* pushEach(known.filter(isIngress), true)
    yield* pushEach(
      known.filter((live) => !isIngress(live)),
      false,
    )
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
        const awaited = interests.inService(service).flatMap((id) => sessions.get(id) ?? [])
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

  yield* Stream.runForEach(changes.stream, (change) => mark(interests.in(change))).pipe(Effect.forkScoped)
  yield* Stream.runForEach(sessions.introduced, (id) => mark([id])).pipe(Effect.forkScoped)
  yield* Stream.runForEach(runtimeLogs.changed, () =>
    Effect.flatMap(runtimeLogs.requests, (requests) =>
      mark(interests.inLogsOf(new Set(requests.map(({ serviceId }) => serviceId)))),
    ),
  ).pipe(Effect.forkScoped)
  yield* sweep.pipe(Effect.repeat(Schedule.spaced("1 second")), Effect.forkScoped)
  yield* Queue.take(wake).pipe(
    Effect.andThen(Effect.sleep(gather)),
    Effect.andThen(flush),
    Effect.forever,
    Effect.forkScoped,
  )
  return Dispatcher.of({
    settle,
    toldToRun: (service) => interests.runs(service).filter((id) => sessions.get(id) !== undefined),
  })
})
