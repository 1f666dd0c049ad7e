import { createHmac } from "node:crypto"
import type { Peer, Route } from "@skypanel/contract/AgentProtocol"
import type { DeploymentId, ServiceId, WorkerId } from "@skypanel/contract/Id"
import { Effect, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { PlatformConfig } from "../config.ts"
import { peersMost } from "../domain/workers/brake.ts"
import { type ClusterMachine, clusterAddresses, clusterAddressesMost } from "./clusterAddresses.ts"

/** The routes of the whole fleet at one instant, and what each worker needs of them. */
export interface RoutesView {
  /** Of all services, or of these; peers never name the worker itself. */
  readonly routesFor: (worker: WorkerId, only: ReadonlySet<ServiceId> | null) => ReadonlyArray<Route>
  readonly peersOf: (worker: WorkerId) => ReadonlyArray<Peer>
  readonly peerSecret: string
  readonly fleetAddresses: ReadonlyArray<string>
  readonly clusterAddresses: ReadonlyArray<string>
}

interface RouteRow {
  readonly host: string
  readonly id: ServiceId
  readonly live_deployment_id: DeploymentId | null
  /** One for each healthy instance, on workers that get traffic. Where there is none: for those that were and still run. */
  readonly workers: ReadonlyArray<WorkerId> | null
}

interface MachineRow extends ClusterMachine {
  readonly id: WorkerId
}

/** What the proxies of the fleet know each other by. Who has left the fleet does not know the next one. */
const peerSecretOf = (secret: Redacted.Redacted, left: bigint): string =>
  createHmac("sha256", Redacted.value(secret)).update(`proxies of workers, ${left}`).digest("base64url")

/** Addresses that containers must not use as if they were on the Internet: of the platform. */
const platformAddresses = (publicUrl: string, swarmAddress: string): ReadonlyArray<string> => {
  const host = new URL(publicUrl).hostname.replace(/^\[|\]$/g, "")
  return [...new Set([host, swarmAddress])].filter((address) => /^[0-9a-fA-F.:]+$/.test(address))
}

/**
 * Reads the routes. What runs without a port has none; what a service shall be next does not count before it is.
 * `only`: of these services alone, where the whole would be too much for what it is needed for.
 */
export const readRoutes = (only: ReadonlySet<ServiceId> | null) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const { secret, publicUrl, swarmAddress } = yield* PlatformConfig
    const [rows, machines, [past]] = yield* Effect.all([
      sql<RouteRow>`
        select s.host, s.id, s.live_deployment_id, i.workers
        from service s
        left join deployment d on d.id = s.live_deployment_id
        left join lateral (
          select coalesce(
            jsonb_agg(p.worker_id order by p.worker_id) filter (where i.healthy),
            jsonb_agg(p.worker_id order by p.worker_id)
              filter (where p.healthy_at is not null and i.observed ->> 'state' = 'running')) as workers
          from placement p
          join worker w on w.id = p.worker_id and w.gets_traffic
          join instance i on i.placement_id = p.id and (i.healthy or p.state = 'serving')
          where p.deployment_id = s.live_deployment_id and p.state in ('starting', 'serving')
        ) i on true
        where s.wish <> 'deleted' and s.public and case when d.id is null then s.port else d.port end is not null
          and ${only === null ? sql`true` : sql.in("s.id", [...only])}
        order by s.host`,
      // One more than there may be, so that a fleet which is too large is not taken for one that is not.
      sql<MachineRow>`
        select id, hello ->> 'endpointAddress' as "endpointAddress", hello -> 'addresses' as addresses from worker
        where removed_at is null and 'services' = any (roles) and hello is not null
        order by id limit ${clusterAddressesMost + 1}`,
      sql<{ left: bigint }>`select count(*) as left from worker where removed_at is not null`,
    ])
    const peers = machines
      .flatMap(
        ({ id, endpointAddress: address }): ReadonlyArray<Peer> =>
          address === null ? [] : [{ workerId: id, address }],
      )
      .slice(0, peersMost)
    const platform = platformAddresses(publicUrl, swarmAddress)
    // In the order of their hosts: a worker's part of them is not looked for among all.
    const places = new Map(rows.map(({ id }, at) => [id, at]))
    const rowsOf = (services: ReadonlySet<ServiceId>) =>
      Array.from(services)
        .flatMap((id) => places.get(id) ?? [])
        .toSorted((a, b) => a - b)
        .map((at) => rows[at]!)
    return {
      routesFor: (worker, services) =>
        (services === null ? rows : rowsOf(services)).map(
          (row): Route => ({
            host: row.host,
            serviceId: row.id,
            deploymentId: row.live_deployment_id,
            peers: (row.workers ?? []).filter((id) => id !== worker),
          }),
        ),
      peersOf: (worker) => peers.filter(({ workerId }) => workerId !== worker),
      peerSecret: peerSecretOf(secret, past?.left ?? 0n),
      fleetAddresses: platform,
      clusterAddresses: clusterAddresses(swarmAddress, platform, machines),
    } satisfies RoutesView
  })
