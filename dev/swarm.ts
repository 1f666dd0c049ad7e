import type Docker from "dockerode"
import { Effect, Schedule } from "effect"
import { CannotStart } from "./CannotStart.ts"

export interface SwarmOptions {
  /** The address other engines reach this one at; the loopback address when there are no others. */
  readonly address: string
  /** Where overlay networks get their subnets (a /24 each). */
  readonly overlayPool?: string
}

const SECOND = 1e9 // Swarm counts in nanoseconds

/** Swarm's share of `docker info`. */
interface SwarmInfo {
  readonly LocalNodeState: string
  readonly ControlAvailable: boolean
  readonly Error: string
}

const call = <A>(what: string, promise: () => Promise<A>) =>
  Effect.tryPromise({
    try: promise,
    catch: (cause) => new CannotStart({ what, why: (cause as Error).message }),
  })

const settledState = (docker: Docker) =>
  call("Docker Swarm", () => docker.info() as Promise<{ Swarm: SwarmInfo }>).pipe(
    Effect.map(({ Swarm }) => Swarm),
    Effect.filterOrFail(
      (swarm) => swarm.LocalNodeState !== "pending",
      () => new CannotStart({ what: "Docker Swarm", why: "still joining after 30 seconds" }),
    ),
    Effect.retry(Schedule.max([Schedule.spaced(100), Schedule.recurs(300)])),
  )

const initialise = (docker: Docker, { address, overlayPool = "10.64.0.0/10" }: SwarmOptions) =>
  call("Docker Swarm", () =>
    docker.swarmInit({
      ListenAddr: `${address}:2377`,
      AdvertiseAddr: address,
      DataPathAddr: address,
      DefaultAddrPool: [overlayPool],
      SubnetSize: 24,
      Spec: {
        // The default heartbeat of 5 s makes a manager that was cut off for 25 s restart every container.
        Dispatcher: { HeartbeatPeriod: 20 * SECOND },
        Orchestration: { TaskHistoryRetentionLimit: 2 },
      },
    }),
  )

/** Makes the engine a Swarm manager if it is in no swarm; fails when it is one that only takes orders. */
export const ensureSwarm = Effect.fnUntraced(function* (docker: Docker, options: SwarmOptions) {
  const swarm = yield* settledState(docker)
  if (swarm.LocalNodeState === "inactive") return yield* Effect.asVoid(initialise(docker, options))
  if (swarm.LocalNodeState !== "active")
    return yield* new CannotStart({
      what: "Docker Swarm",
      why: `this engine's swarm is in the state "${swarm.LocalNodeState}" ${swarm.Error}`.trim(),
    })
  if (!swarm.ControlAvailable)
    return yield* new CannotStart({
      what: "Docker Swarm",
      why: "this engine is a worker in someone else's swarm",
      remedy: "set SKYPANEL_DOCKER_SOCKET in .env to an engine that is a manager or in no swarm",
    })
})
