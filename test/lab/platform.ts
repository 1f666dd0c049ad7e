import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { Effect } from "effect"
import { afterAll, beforeAll } from "vitest"
import { freePort } from "../../dev/ports.ts"
import { type TestEngine, useEngine, usePostgres } from "./fixtures.ts"
import { askEndpoint, type StartedPlatform, startPlatform } from "./startPlatform.ts"
import type { TestProgram } from "./TestProgram.ts"

export interface TestPlatform
  extends Pick<StartedPlatform, "url" | "email" | "password" | "token" | "api" | "cli"> {
  readonly endpointPort: number
  /** Of the worker that runs services. */
  readonly endpointAddress: string
  readonly databaseUrl: string
  /** Of the platform. */
  readonly dataFolder: string
  readonly platform: TestProgram
  /** Runs services, in the engine's own network as on a machine of its own. */
  readonly agent: TestProgram
  /** Builds, in this machine's network: the package registries are there. */
  readonly builder: TestProgram
  /** Stops the worker's Docker Engine with all its containers, and starts it again. */
  readonly restartEngine: () => Promise<void>
  /** Asks an endpoint by its host name, through the worker's proxy. */
  readonly get: (host: string, path?: string) => ReturnType<typeof askEndpoint>
  readonly isReady: () => Promise<true>
  /** What no container may reach: addresses of machines, and ports that something listens on there. */
  readonly forbidden: () => Promise<{
    readonly hosts: ReadonlyArray<string>
    readonly ports: ReadonlyArray<number>
  }>
}

/**
 * The whole of SkyPanel for the tests of a file: real PostgreSQL, a real Docker Engine in Swarm mode, the platform,
 * a worker and a builder as processes of their own, which a test may kill.
 */
export const usePlatform = (more: Record<string, string> = {}) => {
  const postgres = usePostgres()
  const engine = useEngine()
  let made: TestPlatform | undefined
  let folder = ""

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "skypanel-platform-"))
    made = await start(folder, await postgres().database(), engine(), more)
    await made.isReady()
  }, 300_000)

  afterAll(async () => {
    await made?.agent.end("SIGTERM")
    await made?.builder.end("SIGTERM")
    await made?.platform.end("SIGTERM")
    if (process.env.KEEP_TEST_FOLDERS === undefined) rmSync(folder, { recursive: true, force: true })
  }, 60_000)

  return () => {
    if (made === undefined) throw new Error("only inside a test or a hook")
    return made
  }
}

const start = async (
  folder: string,
  databaseUrl: string,
  engine: TestEngine,
  more: Record<string, string>,
): Promise<TestPlatform> => {
  const endpointPort = await Effect.runPromise(freePort)
  const { address: endpointAddress, hostAddress } = engine
  const started = await startPlatform({
    folder,
    databaseUrl,
    hostAddress,
    manager: engine,
    endpointPort,
    more,
  })
  const agent = await started.startAgent({
    name: "worker",
    roles: "services,ingress",
    dataFolder: engine.dataFolder,
    environment: {
      SKYPANEL_DOCKER_SOCKET: engine.socket,
      SKYPANEL_ENDPOINT_PORT: String(endpointPort),
      SKYPANEL_ENDPOINT_BIND: endpointAddress,
    },
    inside: engine.inside,
  })
  const builder = await started.startBuilder()
  return {
    ...started,
    endpointPort,
    endpointAddress,
    databaseUrl,
    dataFolder: folder,
    platform: started.program,
    agent,
    builder,
    restartEngine: () =>
      Effect.runPromise(
        Effect.andThen(engine.stop, engine.start).pipe(Effect.provide(NodeServices.layer), Effect.asVoid),
      ),
    isReady: () => started.isReady(2, [agent, builder]),
    forbidden: async () => {
      const bridge = (await engine.docker.getNetwork("docker_gwbridge").inspect()) as {
        readonly IPAM: { readonly Config: ReadonlyArray<{ readonly Gateway: string }> }
      }
      return {
        hosts: [hostAddress, endpointAddress, bridge.IPAM.Config[0]!.Gateway, "169.254.169.254"],
        ports: [started.port, endpointPort, 2377, 7946],
      }
    },
    get: (host, path) => askEndpoint(`${endpointAddress}:${endpointPort}`, host, path),
  }
}
