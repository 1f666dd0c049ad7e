import { readFileSync } from "node:fs"
import { join } from "node:path"
import { listens } from "@skypanel/contract/AgentProtocol"
import type { PlacementId } from "@skypanel/contract/Id"
import { Context, Duration, Effect, Layer, Ref, Schedule, Semaphore, Stream } from "effect"
import { makeChanges } from "../Changes.ts"
import { AgentConfig } from "../config.ts"
import { DesiredState } from "../desired/DesiredState.ts"
import { identityFiles } from "../identity/IdentityFile.ts"
import { Observer } from "../observer/Observer.ts"
import type { Backend } from "../observer/observation.ts"
import { PeerSecret } from "../peers/PeerSecret.ts"
import { Peers } from "../peers/Peers.ts"
import { PlatformContact } from "../session/PlatformContact.ts"
import { command, ProxyError } from "./AdminSocket.ts"
import { files } from "./files.ts"
import { type Led, ledNow } from "./ledInstances.ts"
import { installConfig, prepareFolder, startProxy } from "./Proxy.ts"
import { makeProxyMaps } from "./ProxyMaps.ts"
import { peerEntries } from "./peerEntries.ts"
import { proxyConfig } from "./proxyConfig.ts"
import { defaultLimits, type ProxySettings } from "./proxySettings.ts"
import { type Routing, routingOf, usablePeers } from "./routing.ts"

export interface EdgeObserved {
  /** The newest generation of desired routes that requests follow now. */
  readonly generation: number
  readonly error: string | null
}

/** The proxy of this worker: leads host names to healthy instances, here and on other workers. */
export class Edge extends Context.Service<
  Edge,
  {
    readonly observed: () => EdgeObserved
    /**
     * Requests can be led to it, or need not be: any more, or ever. While there is no proxy at all, that is said of the
     * worker, not of what runs on it.
     */
    readonly knows: (placement: PlacementId) => boolean
    /** Why no request is answered; null while they are. */
    readonly problem: () => string | null
    readonly changes: Stream.Stream<void>
  }
>()("agent/edge/Edge") {
  static readonly layer = Layer.effect(
    Edge,
    Effect.suspend(() => make),
  )
  /** For workers that run no services: there is nothing to carry out. */
  static readonly layerNone = Layer.effect(
    Edge,
    Effect.gen(function* () {
      const desired = yield* DesiredState
      return {
        observed: () => ({ generation: desired.current().generation, error: null }),
        knows: () => true,
        problem: () => null,
        changes: desired.changes,
      }
    }),
  )
}

/** The account that the distribution's package made for it; requests are not served as root. */
const proxyUser = (): ProxySettings["user"] => {
  if (process.getuid?.() !== 0) return null
  const accounts = readFileSync("/etc/passwd", "utf8")
  const found = /^haproxy:[^:]*:(\d+):(\d+):/m.exec(accounts) ?? /^nobody:[^:]*:(\d+):(\d+):/m.exec(accounts)
  return found === null ? null : { uid: Number(found[1]), gid: Number(found[2]) }
}

/** Until an agent that has just started knows its containers, or at most for so long, the proxy keeps its routes. */
const settlingMs = 10_000
const tellPeersEvery = "1 second"

const errorOf = ({ refused }: Routing, unusable: ReadonlyArray<string>): string | null => {
  if (refused[0] !== undefined) return `${JSON.stringify(refused[0].slice(0, 100))} is not a host name`
  if (unusable[0] === undefined) return null
  return `${JSON.stringify(unusable[0].slice(0, 100))} is not the address of a worker's proxy`
}

const make = Effect.gen(function* () {
  const { dataFolder, endpointBind, endpointPort, development } = yield* AgentConfig
  const desired = yield* DesiredState
  const observer = yield* Observer
  const peers = yield* Peers
  const secret = yield* PeerSecret
  const contact = yield* PlatformContact
  const changes = yield* makeChanges
  const folder = join(dataFolder, "edge")
  const socket = join(folder, files.socket)
  const maps = makeProxyMaps(folder)
  const oneAtATime = yield* Semaphore.make(1)
  const observed = yield* Ref.make<EdgeObserved>({ generation: 0, error: null })
  const startedAt = performance.now()
  let led: Led = new Map()
  /** Null: no proxy has been told anything yet. */
  let known: ReadonlySet<PlacementId> | null = null
  let down: string | null = "the proxy does not serve yet"

  const report = (change: Partial<EdgeObserved>) =>
    Ref.modify(observed, (before) => {
      const after = { ...before, ...change }
      return [JSON.stringify(before) !== JSON.stringify(after), after]
    }).pipe(Effect.flatMap((isNew) => (isNew ? changes.tell : Effect.void)))

  const tellPeers = Effect.gen(function* () {
    const identity = yield* identityFiles(dataFolder).identity
    yield* maps.tellPeers(
      peerEntries({
        workerId: identity?.workerId ?? null,
        platformIsLost: contact.isLost(),
        sent: secret.sent(),
        accepted: secret.accepted(),
      }),
    )
  })

  const know = (backends: ReadonlyArray<Backend>) =>
    Effect.suspend(() => {
      const before = known
      known = new Set(backends.map(({ placementId }) => placementId))
      return backends.every(({ placementId }) => before?.has(placementId) ?? true)
        ? Effect.void
        : changes.tell
    })

  const carryOut = Effect.gen(function* () {
    // First of all the secret: whoever asks by these routes must be known already.
    yield* tellPeers
    if (!observer.isSettled() && performance.now() - startedAt < settlingMs) return
    const wanted = desired.current()
    const { generation, routes } = wanted
    const backends = observer.backends()
    const { usable, unusable } = usablePeers(wanted.peers)
    led = ledNow(led, { routes, desired: wanted, backends, containers: observer.all() })
    const asked = secret.sent() === null ? new Map() : usable
    const routing = routingOf(routes, backends, asked, led, peers.unreachable())
    yield* maps.follow(routing)
    yield* know(backends)
    yield* report({ generation, error: errorOf(routing, unusable) })
  })

  const settled = Stream.fromEffect(Effect.sleep(settlingMs))
  const follow = Stream.mergeAll([desired.changes, observer.changes, peers.changes, settled], {
    concurrency: "unbounded",
  }).pipe(
    Stream.buffer({ capacity: 1, strategy: "sliding" }),
    Stream.runForEach(() => oneAtATime.withPermits(1)(carryOut)),
  )

  /** What peers are told changes as time goes by, too. */
  const keepTelling = Stream.merge(
    Stream.fromSchedule(Schedule.spaced(tellPeersEvery)),
    contact.changes,
  ).pipe(Stream.runForEach(() => oneAtATime.withPermits(1)(tellPeers)))

  /** A proxy that hangs is as bad as one that ended. */
  const heartbeat = command(socket, "show info").pipe(
    Effect.retry(Schedule.recurs(2)),
    Effect.repeat(Schedule.spaced("5 seconds")),
  )

  const serve = Effect.gen(function* () {
    yield* prepareFolder(folder)
    const settings = { ...defaultLimits, bind: endpointBind, port: endpointPort, user: proxyUser() }
    const refusal = yield* Effect.flip(installConfig(folder, proxyConfig(settings))).pipe(Effect.option)
    yield* maps.load
    const proxy = yield* startProxy(folder, !development)
    down = null
    if (refusal._tag === "Some") yield* report({ error: refusal.value.reason })
    yield* Effect.raceAllFirst([
      follow,
      keepTelling,
      heartbeat,
      Effect.flatMap(proxy.ended, () =>
        Effect.fail(new ProxyError({ reason: `it ended ${proxy.alerts()}` })),
      ),
    ])
    return yield* Effect.never
  }).pipe(Effect.scoped)

  const serveAgain = Effect.gen(function* () {
    const [lasted, error] = yield* Effect.timed(Effect.flip(serve))
    const reason = `the proxy: ${error.reason}`
    // One that was killed is back at once, and no matter.
    down = Duration.toMillis(lasted) > 2_000 ? null : `the proxy does not serve: ${error.reason}`
    const { error: known } = yield* Ref.get(observed)
    if (known !== reason) yield* Effect.logWarning(`${reason}; starting it again`)
    yield* report({ error: reason })
    // One that was killed is back at once; one that cannot start is not asked too often.
    yield* Effect.sleep(Duration.toMillis(lasted) > 2_000 ? 0 : 1_000)
  })
  yield* serveAgain.pipe(Effect.forever, Effect.forkScoped)
  return {
    observed: () => Ref.getUnsafe(observed),
    knows: (placement: PlacementId) =>
      down !== null ||
      known === null ||
      known.has(placement) ||
      !desired.current().placements.some((one) => one.placementId === placement && listens(one)),
    problem: () => down,
    changes: changes.stream,
  }
})
