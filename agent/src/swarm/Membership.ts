import { mkdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { Join } from "@skypanel/contract/AgentProtocol"
import { Context, Effect, Layer, Schema, Semaphore, type Stream } from "effect"
import { makeChanges } from "../Changes.ts"
import { AgentConfig } from "../config.ts"
import { SwarmEngine, type SwarmPlace } from "../engine/SwarmEngine.ts"
import { untilGossipBegins, untilGossipEnds } from "./gossip.ts"
import { ownAddressTowards } from "./ownAddress.ts"

/** The cluster that this engine was made a member of: a worker's engine does not know its id. */
const Joined = Schema.Struct({ clusterId: Schema.String, nodeId: Schema.String })

export interface Member {
  /** Of the engine; null when it does not answer. */
  readonly version: string | null
  readonly nodeId: string | null
  readonly clusterId: string | null
  /** Addresses of the cluster's managers, as the engine knew them last. */
  readonly managers: ReadonlyArray<string>
  /** Why it is no member of anything, or cannot become one of the platform's cluster; null when all is well. */
  readonly problem: string | null
}

/** This worker in the orchestrator's cluster. */
export class Membership extends Context.Service<
  Membership,
  {
    /** As it was when it was looked at last, a few seconds ago. */
    readonly member: () => Member
    /** Becomes a member of the cluster, and leaves another one for it. Failures are told by `member`. */
    readonly join: (order: Join) => Effect.Effect<void>
    readonly leave: Effect.Effect<void>
    readonly changes: Stream.Stream<void>
  }
>()("agent/swarm/Membership") {
  static readonly layer = Layer.effect(
    Membership,
    Effect.suspend(() => make),
  )
}

const lookEvery = "3 seconds"

const hostOf = (address: string) => address.replace(/:\d+$/, "")

const make = Effect.gen(function* () {
  const { dataFolder } = yield* AgentConfig
  const swarm = yield* SwarmEngine
  const changes = yield* makeChanges
  const file = join(dataFolder, "cluster.json")
  // Two joins at once would both fail: an engine takes one at a time.
  const oneAtATime = yield* Semaphore.make(1)
  /** Why it could not join a cluster; once it is a member of that one all the same, it counts no more. */
  let refusal: { readonly clusterId: string; readonly text: string } | null = null
  let joined = yield* Effect.tryPromise(() => readFile(file, "utf8")).pipe(
    Effect.flatMap(Schema.decodeUnknownEffect(Schema.fromJsonString(Joined))),
    Effect.catch(() => Effect.succeed(null)),
  )

  const remember = (of: typeof Joined.Type) =>
    Effect.tryPromise(async () => {
      joined = of
      await mkdir(dataFolder, { recursive: true })
      await writeFile(file, `${JSON.stringify(of)}\n`)
    }).pipe(Effect.catch((error) => Effect.logWarning("cannot keep the cluster's id", error)))

  const clusterOf = ({ nodeId, clusterId }: SwarmPlace) =>
    clusterId ?? (joined !== null && joined.nodeId === nodeId ? joined.clusterId : null)

  const problemOf = (place: SwarmPlace) => {
    if (refusal !== null) return refusal.text
    if (place.state === "active") return null
    const error = place.error === "" ? "" : `: ${place.error}`
    return place.state === "inactive"
      ? "the Docker Engine is in no cluster yet"
      : `the Docker Engine's place in the cluster is "${place.state}"${error}`
  }

  const forgetRefusal = (place: SwarmPlace) =>
    Effect.sync(() => {
      if (place.state === "active" && clusterOf(place) === refusal?.clusterId) refusal = null
    })

  const carryOut = ({ clusterId, managers, token }: Join) =>
    Effect.gen(function* () {
      const before = yield* swarm.place
      if (before.state === "active" && clusterOf(before) === clusterId) return
      if (before.isManager)
        return yield* Effect.fail({ reason: "the Docker Engine is a manager of another swarm" })
      // A swarm that it cannot reach any more is left by force.
      if (before.state !== "inactive") yield* swarm.leave
      const address = yield* ownAddressTowards(hostOf(managers[0] ?? ""))
      if (address === null)
        return yield* Effect.fail({ reason: `no route leads to the cluster's manager ${managers[0]}` })
      yield* untilGossipEnds(address)
      yield* swarm.join({ managers, token, address })
      // Otherwise it is tried anew from the beginning, when the platform says so again.
      yield* untilGossipBegins(address).pipe(Effect.tapError(() => swarm.leave))
      const { nodeId } = yield* swarm.place
      if (nodeId !== null) yield* remember({ clusterId, nodeId })
      yield* Effect.logInfo("this worker is a member of the cluster")
    })

  let member: Member = { version: null, nodeId: null, clusterId: null, managers: [], problem: null }
  const look = swarm.place.pipe(
    Effect.tap(forgetRefusal),
    Effect.map(
      (place): Member => ({
        version: place.version,
        nodeId: place.nodeId,
        clusterId: clusterOf(place),
        managers: place.managers,
        problem: problemOf(place),
      }),
    ),
    Effect.catch(({ reason }) =>
      Effect.succeed<Member>({
        version: null,
        nodeId: null,
        clusterId: null,
        managers: member.managers,
        problem: `the Docker Engine does not answer: ${reason}`,
      }),
    ),
  )
  member = yield* look
  const refresh = Effect.gen(function* () {
    const before = JSON.stringify(member)
    member = yield* look
    if (before !== JSON.stringify(member)) yield* changes.tell
  })
  yield* refresh.pipe(Effect.delay(lookEvery), Effect.forever, Effect.forkScoped)

  return {
    changes: changes.stream,
    member: () => member,
    join: (order) =>
      carryOut(order).pipe(
        Effect.tap(() => Effect.sync(() => (refusal = null))),
        Effect.catch(({ reason }) => {
          const text = `it cannot become a member of the cluster: ${reason}`
          refusal = { clusterId: order.clusterId, text }
          return Effect.logWarning(text)
        }),
        Effect.andThen(refresh),
        oneAtATime.withPermits(1),
      ),
    leave: swarm.leave.pipe(
      Effect.tap(() => Effect.sync(() => (refusal = null))),
      Effect.catch(({ reason }) => Effect.logWarning(`cannot leave the cluster: ${reason}`)),
      Effect.andThen(refresh),
      oneAtATime.withPermits(1),
    ),
  } satisfies Membership["Service"]
})
