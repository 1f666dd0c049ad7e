import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Context, Duration, Effect, Layer, Ref, Schedule, Stream } from "effect"
import { makeChanges } from "../Changes.ts"
import { AgentConfig } from "../config.ts"
import { DesiredState } from "../desired/DesiredState.ts"
import { Observer } from "../observer/Observer.ts"
import { command, ProxyError, replaceMap } from "./AdminSocket.ts"
import { installConfig, prepareFolder, startProxy, writeMap } from "./Proxy.ts"
import { defaultLimits, files, type ProxySettings, proxyConfig } from "./proxyConfig.ts"
import { mapText, routingOf } from "./routing.ts"

export interface EdgeObserved {
  /** The newest generation of desired routes that requests follow now. */
  readonly generation: number
  readonly error: string | null
}

/** The proxy of this worker: leads host names to healthy containers. */
export class Edge extends Context.Service<
  Edge,
  {
    readonly observed: () => EdgeObserved
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

const make = Effect.gen(function* () {
  const { dataFolder, endpointBind, endpointPort, development } = yield* AgentConfig
  const desired = yield* DesiredState
  const observer = yield* Observer
  const changes = yield* makeChanges
  const folder = join(dataFolder, "edge")
  const socket = join(folder, files.socket)
  const observed = yield* Ref.make<EdgeObserved>({ generation: 0, error: null })
  /** The map in the running proxy; null while there is none. */
  let loaded: string | null = null
  let down: string | null = "the proxy does not serve yet"

  const report = (change: Partial<EdgeObserved>) =>
    Ref.modify(observed, (before) => {
      const after = { ...before, ...change }
      return [JSON.stringify(before) !== JSON.stringify(after), after]
    }).pipe(Effect.flatMap((isNew) => (isNew ? changes.tell : Effect.void)))

  const carryOut = Effect.gen(function* () {
    const { generation, routes } = desired.current()
    const routing = routingOf(routes, observer.backends())
    const text = mapText(routing)
    if (text !== loaded) {
      yield* writeMap(folder, text)
      yield* replaceMap(socket, text)
      loaded = text
    }
    const refused = routing.refused[0]
    yield* report({
      generation,
      error: refused === undefined ? null : `${JSON.stringify(refused.slice(0, 100))} is not a host name`,
    })
  })

  const follow = Stream.merge(desired.changes, observer.changes).pipe(
    Stream.buffer({ capacity: 1, strategy: "sliding" }),
    Stream.runForEach(() => carryOut),
  )

  /** A proxy that hangs is as bad as one that ended. */
  const heartbeat = command(socket, "show info").pipe(
    Effect.retry(Schedule.recurs(2)),
    Effect.repeat(Schedule.spaced("5 seconds")),
  )

  const serve = Effect.gen(function* () {
    yield* prepareFolder(folder)
    const settings = { ...defaultLimits, bind: endpointBind, port: endpointPort, user: proxyUser() }
    const refusal = yield* Effect.flip(installConfig(folder, proxyConfig(settings))).pipe(Effect.option)
    const proxy = yield* startProxy(folder, !development)
    loaded = null
    down = null
    if (refusal._tag === "Some") yield* report({ error: refusal.value.reason })
    yield* Effect.raceAllFirst([
      follow,
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
  return { observed: () => Ref.getUnsafe(observed), problem: () => down, changes: changes.stream }
})
