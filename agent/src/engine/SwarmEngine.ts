import Docker from "dockerode"
import { Context, Effect, Layer } from "effect"
import { AgentConfig } from "../config.ts"
import { call, type EngineError } from "./call.ts"

/** This engine's place in a swarm. */
export interface SwarmPlace {
  /** Of the engine. */
  readonly version: string | null
  readonly state: "inactive" | "pending" | "active" | "error" | "locked"
  readonly nodeId: string | null
  /** Only a manager knows its cluster's id. */
  readonly clusterId: string | null
  readonly isManager: boolean
  /** The addresses of the swarm's managers. */
  readonly managers: ReadonlyArray<string>
  readonly error: string
}

export interface JoinOptions {
  readonly managers: ReadonlyArray<string>
  readonly token: string
  /** This machine's address as the other nodes see it. */
  readonly address: string
}

interface Info {
  readonly ServerVersion?: string
  readonly Swarm?: {
    readonly NodeID?: string
    readonly LocalNodeState?: SwarmPlace["state"] | ""
    readonly ControlAvailable?: boolean
    readonly Error?: string
    readonly RemoteManagers?: ReadonlyArray<{ readonly Addr?: string }> | null
    readonly Cluster?: { readonly ID?: string } | null
  }
}

/** Of `192.0.2.7:2377` or `[2001:db8::7]:2377`. */
const hostOf = (address: string) => address.replace(/:\d+$/, "").replace(/^\[|\]$/g, "")

const placeOf = ({ ServerVersion, Swarm }: Info): SwarmPlace => ({
  version: ServerVersion ?? null,
  state: Swarm?.LocalNodeState || "inactive",
  nodeId: Swarm?.NodeID || null,
  clusterId: Swarm?.Cluster?.ID || null,
  isManager: Swarm?.ControlAvailable ?? false,
  managers: (Swarm?.RemoteManagers ?? []).map(({ Addr = "" }) => hostOf(Addr)),
  error: Swarm?.Error ?? "",
})

/** The Docker Engine of this machine as a member of a swarm. */
export class SwarmEngine extends Context.Service<
  SwarmEngine,
  {
    readonly place: Effect.Effect<SwarmPlace, EngineError>
    /** It takes no tasks until the platform says that it may: it joins drained. */
    readonly join: (options: JoinOptions) => Effect.Effect<void, EngineError>
    /** Leaves, and ends every task. */
    readonly leave: Effect.Effect<void, EngineError>
  }
>()("agent/engine/SwarmEngine") {
  static readonly layer = Layer.effect(
    SwarmEngine,
    Effect.gen(function* () {
      const { dockerSocket } = yield* AgentConfig
      const docker = new Docker({ socketPath: dockerSocket })
      return {
        place: call("info", async () => placeOf((await docker.info()) as Info)),
        join: ({ managers, token, address }) =>
          call(
            "join swarm",
            () =>
              docker.swarmJoin({
                ListenAddr: `${address}:2377`,
                AdvertiseAddr: address,
                DataPathAddr: address,
                RemoteAddrs: [...managers],
                JoinToken: token,
                Availability: "drain",
              }),
            60,
          ).pipe(Effect.asVoid),
        leave: call("leave swarm", () => docker.swarmLeave({ force: true }), 60).pipe(Effect.asVoid),
      }
    }),
  )
}
