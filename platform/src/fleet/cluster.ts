import type { PgClient } from "@effect/sql-pg"
import { Duration, Effect, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { restMs } from "../domain/rest.ts"
import { Cluster, type ClusterNode } from "../orchestrator/Cluster.ts"
import { audit } from "../store/Audit.ts"
import { AgentSessions } from "./AgentSessions.ts"
import { sendDown } from "./admission.ts"
import { FleetWatch } from "./FleetWatch.ts"
import type { Live } from "./Live.ts"

const lookEvery = "5 seconds"
const leastRestMs = 500
/** An engine needs a while to join; until then it is not told again. */
const joinPatienceMs = 30_000

/** A worker that cannot join does not keep the token from being changed for longer. */
const tokenPatienceMs = 120_000

/** When each connection was told to join first, and last. */
const told = new WeakMap<Live, { readonly firstAt: number; readonly lastAt: number }>()

/** Its node is taken down in its row, unless another worker has it: no two workers are one machine. */
const claimNode = (live: Live, nodeId: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const watch = yield* FleetWatch
    const { id, name } = live.worker
    // So it is of every worker at nearly every look: the database is not asked for each.
    if (watch.get(id)?.row.node_id === nodeId) return true
    return yield* sql`update worker set node_id = ${nodeId} where id = ${id} and node_id is distinct from ${nodeId}
      returning id`.pipe(
      Effect.as(true),
      Effect.catchReason("SqlError", "UniqueViolation", () =>
        Effect.as(
          Effect.logWarning(`worker ${name} says that it is the node ${nodeId}, which another worker is`),
          false,
        ),
      ),
    )
  })

const tellToJoin = (live: Live) =>
  Effect.gen(function* () {
    const now = performance.now()
    const before = told.get(live)
    if (before !== undefined && now - before.lastAt < joinPatienceMs) return
    told.set(live, { firstAt: before?.firstAt ?? now, lastAt: now })
    const cluster = yield* Cluster
    sendDown(live.connection, { _tag: "join", ...(yield* cluster.joinOrder) })
  })

/** Does it have the token that joins the cluster now, and has it not used it yet? */
const isJoining = (live: Live): boolean => {
  const firstAt = told.get(live)?.firstAt
  return firstAt !== undefined && performance.now() - firstAt < tokenPatienceMs
}

/** A node that has just joined is drained until its worker has reported that it is well. */
const admitNode = (live: Live, node: ClusterNode) =>
  Effect.gen(function* () {
    const watch = yield* FleetWatch
    const cluster = yield* Cluster
    const worker = watch.get(live.worker.id)
    const well = worker !== undefined && live.observed !== null && worker.problems.length === 0
    if (node.availability === "active" || !well) return false
    yield* cluster.setAvailability(node.id, "active")
    yield* audit({
      action: "worker.admitted",
      tone: "good",
      text: `${live.worker.name} is a member of the cluster and reported that it is well.`,
      worker: live.worker.id,
    })
    return true
  })

/** True: it was let in now. */
const lookAfter = (live: Live, clusterId: string, nodes: ReadonlyMap<string, ClusterNode>) =>
  Effect.gen(function* () {
    const watch = yield* FleetWatch
    const { hello } = live
    if (hello === null || !hello.roles.includes("services")) return false
    const node = hello.orchestratorNodeId === null ? undefined : nodes.get(hello.orchestratorNodeId)
    const isThere = node !== undefined && hello.clusterId === clusterId
    const isMember = isThere && (yield* claimNode(live, node.id))
    watch.isMember(live.worker.id, isMember)
    if (!isMember) {
      const leaves = watch.get(live.worker.id)?.row.availability === "remove"
      // An engine that does not answer may be in the cluster; joining would end what it runs.
      if (!isThere && !leaves && hello.versions.docker !== null) yield* tellToJoin(live)
      return false
    }
    told.delete(live)
    return yield* admitNode(live, node)
  })

/** Nodes of workers that are none any more, and of ones that were made anew with another node. */
const removeStrays = (nodes: ReadonlyMap<string, ClusterNode>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const cluster = yield* Cluster
    const rows = yield* sql<{ node_id: string }>`
      select node_id from worker where removed_at is null and node_id is not null`
    const known = new Set(rows.map(({ node_id }) => node_id))
    for (const node of nodes.values())
      if (!node.isManager && !node.ready && !known.has(node.id)) yield* cluster.remove(node.id)
  })

/**
 * Brings the workers that run services into the orchestrator's cluster, also after that had to be made anew. The token
 * that they joined with is of no use afterwards to anybody who saw it: `token` remembers that it was used.
 */
const lookAtCluster = (token: { isUsed: boolean }) =>
  Effect.gen(function* () {
    const cluster = yield* Cluster
    const sessions = yield* AgentSessions
    const clusterId = yield* cluster.ensure
    const nodes = new Map((yield* cluster.nodes).map((node) => [node.id, node]))
    const connected = sessions.connected()
    const admitted = yield* Effect.forEach(connected, (live) => lookAfter(live, clusterId, nodes))
    token.isUsed ||= admitted.includes(true)
    if (token.isUsed && !connected.some(isJoining)) {
      yield* cluster.rotateToken
      token.isUsed = false
    }
    yield* removeStrays(nodes)
  })

/** Every few seconds, and when a worker that is joining has told something. */
export const runCluster: Effect.Effect<
  void,
  never,
  Cluster | AgentSessions | FleetWatch | SqlClient.SqlClient | PgClient.PgClient
> = Effect.gen(function* () {
  const sessions = yield* AgentSessions
  const watch = yield* FleetWatch
  // Whether somebody has used it is not known of the time before this platform's start.
  const token = { isUsed: true }
  const joining = sessions.reported.pipe(Stream.filter((id) => watch.get(id)?.row.state === "joining"))
  yield* Stream.merge(Stream.tick(lookEvery), Stream.merge(sessions.introduced, joining)).pipe(
    Stream.buffer({ capacity: 1, strategy: "sliding" }),
    Stream.runForEach(() =>
      lookAtCluster(token).pipe(
        Effect.catchCause((cause) => Effect.logWarning("cannot look after the cluster", cause)),
        Effect.timed,
        // Reports come all the time; the orchestrator is not asked at each.
        Effect.flatMap(([took]) => Effect.sleep(restMs(Duration.toMillis(took), leastRestMs))),
      ),
    ),
  )
})
