import type { Desired, Peer } from "@skypanel/contract/AgentProtocol"
import type { WorkerId } from "@skypanel/contract/Id"
import { Context, Effect, FiberMap, Layer, Semaphore, Stream } from "effect"
import { makeChanges } from "../Changes.ts"
import { AgentConfig } from "../config.ts"
import { DesiredState } from "../desired/DesiredState.ts"
import { addressOf } from "../edge/peerAddress.ts"
import { type Answer, afterCheck, type Checked, notChecked, pauseMs } from "./checking.ts"
import { checkPeer } from "./PeerCheck.ts"
import { PeerSecret } from "./PeerSecret.ts"

const atATime = 16
/** More workers than that are not asked; requests to the others are noticed only where they fail. */
const peersMost = 1_000

/** Knows which other workers' proxies answer this one, sooner than the platform could say. */
export class Peers extends Context.Service<
  Peers,
  {
    /** Those whose proxies do not answer. Empty where nobody has to know. */
    readonly unreachable: () => ReadonlyArray<WorkerId>
    /** How many of them answer and say that they do not hear the platform. */
    readonly sayLost: () => number
    /** Ticks when any of these changed. */
    readonly changes: Stream.Stream<void>
  }
>()("agent/peers/Peers") {
  static readonly layer = Layer.effect(
    Peers,
    Effect.suspend(() => make),
  )
}

const holdsLease = ({ placements }: Desired) => placements.some(({ leaseSeconds }) => leaseSeconds !== null)

const make = Effect.gen(function* () {
  const { roles } = yield* AgentConfig
  const desired = yield* DesiredState
  const secret = yield* PeerSecret
  const changes = yield* makeChanges
  const checks = yield* FiberMap.make<WorkerId>()
  const checking = yield* Semaphore.make(atATime)
  const addresses = new Map<WorkerId, string>()
  const checked = new Map<WorkerId, Checked>()

  const check = ({ workerId, address }: Peer): Effect.Effect<Answer> => {
    const [to, sent] = [addressOf(address), secret.sent()]
    return to === null || sent === null ? Effect.succeed(null) : checkPeer(workerId, to, sent)
  }

  const ask = Effect.fnUntraced(function* (peer: Peer) {
    const answer = yield* check(peer).pipe(checking.withPermits(1))
    const before = checked.get(peer.workerId) ?? notChecked
    const after = afterCheck(before, answer)
    checked.set(peer.workerId, after)
    if (before.unreachable !== after.unreachable)
      yield* Effect.logInfo(
        `the proxy of ${peer.workerId} ${after.unreachable ? "does not answer" : "answers"}`,
      )
    if (before.unreachable !== after.unreachable || before.said !== after.said) yield* changes.tell
  })

  const keepAsking = (peer: Peer) =>
    ask(peer).pipe(Effect.andThen(Effect.suspend(() => Effect.sleep(pauseMs(Math.random())))), Effect.forever)

  const wanted = (): ReadonlyArray<Peer> => {
    const state = desired.current()
    return roles.includes("ingress") || holdsLease(state) ? state.peers.slice(0, peersMost) : []
  }

  /** Begins to ask those that are new or have moved, and forgets those that are none any more. */
  const reconcile = Effect.gen(function* () {
    const peers = new Map(wanted().map((peer) => [peer.workerId, peer]))
    for (const workerId of addresses.keys()) {
      if (peers.has(workerId)) continue
      addresses.delete(workerId)
      yield* FiberMap.remove(checks, workerId)
      if (checked.delete(workerId)) yield* changes.tell
    }
    for (const peer of peers.values()) {
      if (addresses.get(peer.workerId) === peer.address) continue
      addresses.set(peer.workerId, peer.address)
      yield* FiberMap.run(checks, peer.workerId, keepAsking(peer))
    }
  })

  yield* Stream.runForEach(desired.changes, () => reconcile).pipe(Effect.forkScoped)

  const those = (is: (one: Checked) => boolean) =>
    Array.from(checked).flatMap(([workerId, one]) => (is(one) ? [workerId] : []))
  return {
    unreachable: () => those(({ unreachable }) => unreachable),
    sayLost: () => those(({ said }) => said === "lost").length,
    changes: changes.stream,
  }
})
