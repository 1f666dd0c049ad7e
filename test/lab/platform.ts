import { execFile } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { NodeServices } from "@effect/platform-node"
import { Effect } from "effect"
import { afterAll, beforeAll } from "vitest"
import { freePort } from "../../dev/ports.ts"
import { type TestEngine, useEngine, usePostgres } from "./fixtures.ts"
import { checkout, type Inside, TestProgram } from "./TestProgram.ts"
import { until } from "./until.ts"

const run = promisify(execFile)

export interface TestPlatform {
  readonly url: string
  readonly endpointPort: number
  /** Of the worker that runs services. */
  readonly endpointAddress: string
  readonly databaseUrl: string
  readonly email: string
  readonly password: string
  readonly token: () => string
  readonly platform: TestProgram
  /** Runs services, in the engine's own network as on a machine of its own. */
  readonly agent: TestProgram
  /** Builds, in this machine's network: the package registries are there. */
  readonly builder: TestProgram
  /** Stops the worker's Docker Engine with all its containers, and starts it again. */
  readonly restartEngine: () => Promise<void>
  /** Asks the API as the administrator; gives the parsed answer whatever its status. */
  readonly api: (method: string, path: string, body?: unknown) => Promise<{ status: number; body: any }>
  /** Asks an endpoint by its host name, through the worker's proxy. */
  readonly get: (host: string, path?: string) => Promise<{ status: number; text: string }>
  readonly cli: (...args: ReadonlyArray<string>) => Promise<{ code: number; stdout: string; stderr: string }>
  readonly isReady: () => Promise<true>
  /** What no container may reach: addresses of machines, and ports that something listens on there. */
  readonly forbidden: () => Promise<{
    readonly hosts: ReadonlyArray<string>
    readonly ports: ReadonlyArray<number>
  }>
}

/**
 * The whole of SkyPanel for the tests of a file: real PostgreSQL, a real Docker Engine in Swarm mode, the platform
 * and an agent with both roles as processes of their own, which a test may kill.
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

const npmRegistry = async () => (await run("npm", ["config", "get", "registry"])).stdout.trim()

const start = async (
  folder: string,
  databaseUrl: string,
  engine: TestEngine,
  more: Record<string, string>,
): Promise<TestPlatform> => {
  const [port, endpointPort] = [await Effect.runPromise(freePort), await Effect.runPromise(freePort)]
  const url = `http://127.0.0.1:${port}`
  const email = "administrator@skypanel.test"
  const password = "a long test password"
  const registry = await npmRegistry()

  const platform = new TestProgram(
    "platform",
    "platform/src/main.ts",
    () => ({
      DATABASE_URL: databaseUrl,
      SKYPANEL_HOST: "0.0.0.0",
      SKYPANEL_PORT: String(port),
      SKYPANEL_PUBLIC_URL: url,
      SKYPANEL_REGISTRY_ADDRESS: `${engine.hostAddress}:${port}`,
      SKYPANEL_DATA: folder,
      SKYPANEL_SECRET: "test-secret-test-secret-test-secret-test",
      SKYPANEL_DOCKER_SOCKET: engine.socket,
      SKYPANEL_ENDPOINT_PORT: String(endpointPort),
      SKYPANEL_ENDPOINT_DOMAIN: "localhost",
      SKYPANEL_ALLOW_PRIVATE_GIT: "true",
      SKYPANEL_ADMIN_EMAIL: email,
      SKYPANEL_ADMIN_PASSWORD: password,
      SKYPANEL_DEVELOPMENT: "true",
      SKYPANEL_UI: "built",
      ...more,
    }),
    join(folder, "platform.log"),
  )
  platform.start()
  const isUp = () =>
    until(`the platform at ${url}`, async () => {
      const response = await fetch(`${url}/readyz`)
      return response.status === 200 ? true : null
    }).catch((error) => {
      throw new Error(`${error.message}\n${platform.tail()}`)
    })
  await isUp()
  const register = async (name: string) => {
    const { stdout } = await run(
      process.execPath,
      [join(checkout, "platform/src/register-development-worker.ts"), name],
      { env: { ...process.env, DATABASE_URL: databaseUrl } },
    )
    return stdout.trim()
  }
  const agentOf = async (name: string, environment: Record<string, string>, inside?: Inside) => {
    const workerToken = await register(name)
    mkdirSync(join(folder, name), { recursive: true })
    const agent = new TestProgram(
      name,
      "agent/src/main.ts",
      () => ({
        SKYPANEL_WORKER_NAME: name,
        SKYPANEL_WORKER_TOKEN: workerToken,
        SKYPANEL_DATA: join(folder, name),
        SKYPANEL_DEVELOPMENT: "true",
        ...environment,
        ...more,
      }),
      join(folder, `${name}.log`),
      inside,
    )
    agent.start()
    return agent
  }
  const agent = await agentOf(
    "worker",
    {
      SKYPANEL_CONTROL_PLANE: `http://${engine.hostAddress}:${port}`,
      SKYPANEL_WORKER_ROLES: "services",
      SKYPANEL_DOCKER_SOCKET: engine.socket,
      SKYPANEL_ENDPOINT_PORT: String(endpointPort),
      SKYPANEL_ENDPOINT_BIND: engine.address,
    },
    engine.inside,
  )
  // Debian's packages are fetched and put in the Nix store once, not for each test.
  const packages = join(checkout, ".skypanel/test/embedded")
  mkdirSync(packages, { recursive: true })
  mkdirSync(join(folder, "builder"), { recursive: true })
  symlinkSync(packages, join(folder, "builder/embedded"))
  const builder = await agentOf("builder", {
    SKYPANEL_CONTROL_PLANE: url,
    SKYPANEL_WORKER_ROLES: "builder",
    SKYPANEL_NIXPKGS: "embedded",
    SKYPANEL_NPM_REGISTRY: registry,
    SKYPANEL_TEMPLATES: join(checkout, "templates"),
    SKYPANEL_EMBEDDED: join(checkout, "nixos/embedded"),
    SKYPANEL_ALLOW_PRIVATE_GIT: "true",
  })

  const token = () => readFileSync(join(folder, "run/token"), "utf8").trim()
  const api: TestPlatform["api"] = async (method, path, body) => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token()}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, body: text === "" ? null : JSON.parse(text) }
  }
  const isReady = async () => {
    await isUp()
    return until(
      "the agent to connect",
      async () => {
        const { body } = await api("GET", "/workers")
        return body.length === 2 && body.every((worker: { state: string }) => worker.state === "connected")
          ? (true as const)
          : null
      },
      240,
    ).catch((error) => {
      throw new Error([error.message, agent.tail(), builder.tail(), platform.tail()].join("\n"))
    })
  }
  return {
    url,
    endpointPort,
    endpointAddress: engine.address,
    databaseUrl,
    email,
    password,
    token,
    platform,
    agent,
    builder,
    restartEngine: () =>
      Effect.runPromise(
        Effect.andThen(engine.stop, engine.start).pipe(Effect.provide(NodeServices.layer), Effect.asVoid),
      ),
    api,
    isReady,
    forbidden: async () => {
      const bridge = (await engine.docker.getNetwork("docker_gwbridge").inspect()) as {
        readonly IPAM: { readonly Config: ReadonlyArray<{ readonly Gateway: string }> }
      }
      const gateway = bridge.IPAM.Config[0]!.Gateway
      return {
        hosts: [engine.hostAddress, engine.address, gateway, "169.254.169.254"],
        ports: [port, endpointPort, 2377, 7946],
      }
    },
    get: async (host, path = "/") => {
      // `fetch` sets the Host header itself, so the name has to resolve: *.localhost does not everywhere.
      const { stdout } = await run("curl", [
        "--silent",
        "--max-time",
        "10",
        "--header",
        `Host: ${host}`,
        "--write-out",
        "\n%{http_code}",
        `http://${engine.address}:${endpointPort}${path}`,
      ])
      const cut = stdout.lastIndexOf("\n")
      return { status: Number(stdout.slice(cut + 1)), text: stdout.slice(0, cut) }
    },
    cli: (...args) =>
      new Promise((resolve) => {
        execFile(
          process.execPath,
          [join(checkout, "cli/bin/skypanel.mjs"), ...args],
          {
            env: { ...process.env, SKYPANEL_URL: url, SKYPANEL_TOKEN: token(), NO_COLOR: "1" },
            maxBuffer: 64 * 1024 * 1024,
            timeout: 240_000,
          },
          (error, stdout, stderr) =>
            resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
        )
      }),
  }
}
