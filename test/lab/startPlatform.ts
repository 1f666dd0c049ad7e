import { execFile } from "node:child_process"
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { Effect } from "effect"
import { freePort } from "../../dev/ports.ts"
import { packagesFolder } from "./packagesFolder.ts"
import { checkout, type Inside, TestProgram } from "./TestProgram.ts"
import { until } from "./until.ts"
import { ofWholeRun } from "./wholeRun/ofWholeRun.ts"

const run = promisify(execFile)

export interface PlatformOptions {
  /** Holds what it writes, its log among it. */
  readonly folder: string
  readonly databaseUrl: string
  /** This machine's address as workers see it. */
  readonly hostAddress: string
  /** The engine that manages the cluster, and where other engines reach it. */
  readonly manager: { readonly socket: string; readonly address: string }
  readonly endpointPort: number
  /** More of its environment; read at each start. */
  readonly more?: Record<string, string>
}

export interface AgentOptions {
  readonly name: string
  readonly roles: string
  readonly dataFolder: string
  readonly environment: Record<string, string>
  readonly inside?: Inside
  /** As on a server of an administrator, where its proxy outlives it; else as on a developer's machine. */
  readonly installed?: boolean
  /** What it is let in with; left out: one is made for it. */
  readonly token?: string
}

export interface CommandEnd {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface StartedCommand {
  readonly ended: Promise<CommandEnd>
  /** Waits until its output has that in it. */
  readonly says: (what: RegExp) => Promise<RegExpExecArray>
}

// biome-ignore lint/suspicious/noExplicitAny: a test says by its assertions what it expects
export type Answer = { readonly status: number; readonly body: any }

const email = "administrator@skypanel.test"
const password = "a long test password"

const npmRegistry = async () => (await run("npm", ["config", "get", "registry"])).stdout.trim()

/** A benchmark is no run of tests: it has the command line as it is in its sources. */
const commandLineOf = async () =>
  process.env.VITEST === undefined
    ? { program: join(checkout, "cli/bin/skypanel.mjs"), environment: {} }
    : ofWholeRun("commandLine")

/** The platform as a process of its own, and what brings agents to it. */
export const startPlatform = async (options: PlatformOptions) => {
  const { folder, databaseUrl, hostAddress, manager, endpointPort, more = {} } = options
  const port = await Effect.runPromise(freePort)
  const url = `http://127.0.0.1:${port}`
  const program = new TestProgram(
    "platform",
    "platform/src/main.ts",
    () => ({
      DATABASE_URL: databaseUrl,
      SKYPANEL_HOST: "0.0.0.0",
      SKYPANEL_PORT: String(port),
      SKYPANEL_PUBLIC_URL: url,
      SKYPANEL_REGISTRY_ADDRESS: `${hostAddress}:${port}`,
      SKYPANEL_DATA: folder,
      SKYPANEL_SECRET: "test-secret-test-secret-test-secret-test",
      SKYPANEL_DOCKER_SOCKET: manager.socket,
      SKYPANEL_SWARM_ADDRESS: manager.address,
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

  const token = () => readFileSync(join(folder, "run/token"), "utf8").trim()

  const isUp = () =>
    until(`the platform at ${url}`, async () => {
      const response = await fetch(`${url}/readyz`)
      return response.status === 200 ? (true as const) : null
    }).catch((error) => {
      throw new Error(`${error.message}\n${program.tail()}`)
    })

  const api = async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token()}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(60_000),
    })
    const text = await response.text()
    return { status: response.status, body: text === "" ? null : JSON.parse(text) }
  }

  const commandLine = await commandLineOf()

  /** The command line, of which what it has said can be looked at before it ends. */
  const startCli = (...args: ReadonlyArray<string>): StartedCommand => {
    let end: (ended: CommandEnd) => void
    const ended = new Promise<CommandEnd>((resolve) => {
      end = resolve
    })
    const child = execFile(
      process.execPath,
      [commandLine.program, ...args],
      {
        env: {
          ...process.env,
          ...commandLine.environment,
          SKYPANEL_URL: url,
          SKYPANEL_TOKEN: token(),
          NO_COLOR: "1",
        },
        maxBuffer: 64 * 1024 * 1024,
        timeout: 240_000,
      },
      (error, stdout, stderr) => end({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
    )
    let said = ""
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text) => (said += text))
    return {
      ended,
      says: (what) => until(`"skypanel ${args.join(" ")}" to say ${what}`, async () => what.exec(said)),
    }
  }

  const cli = (...args: ReadonlyArray<string>) => startCli(...args).ended

  /** A token for a new worker of that name, made as an administrator makes one. */
  const installationFor = async (name: string, roles: string) => {
    const { status, body } = await api("POST", "/installations", { name, roles: roles.split(",") })
    if (status !== 201) throw new Error(`no installation: ${JSON.stringify(body)}`)
    return body.token as string
  }

  /** The same for a development worker. */
  const registrationFor = async (name: string, roles: string) => {
    const register = join(checkout, "platform/src/register-development-worker.ts")
    const { stdout } = await run(process.execPath, [register, name, roles], {
      env: { ...process.env, DATABASE_URL: databaseUrl },
    })
    return stdout.trim()
  }

  /** An agent that is let in, and started. */
  const startAgent = async (of: AgentOptions) => {
    const { name, roles, dataFolder, environment, inside, installed } = of
    mkdirSync(dataFolder, { recursive: true })
    const tokenFile = join(dataFolder, "token")
    const token = of.token ?? (await (installed ? installationFor : registrationFor)(name, roles))
    writeFileSync(tokenFile, token, { mode: 0o600 })
    const agent = new TestProgram(
      name,
      "agent/src/main.ts",
      () => ({
        SKYPANEL_CONTROL_PLANE: `http://${inside === undefined ? "127.0.0.1" : hostAddress}:${port}`,
        SKYPANEL_WORKER_NAME: name,
        SKYPANEL_WORKER_ROLES: roles,
        SKYPANEL_TOKEN_FILE: tokenFile,
        SKYPANEL_DATA: dataFolder,
        SKYPANEL_ORIGIN: installed ? "bundle" : "development",
        ...environment,
        ...more,
      }),
      join(folder, `${name}.log`),
      inside,
    )
    agent.start()
    return agent
  }

  /** A worker that builds, in this machine's network: the package registries are there. */
  const startBuilder = async () => {
    const dataFolder = join(folder, "builder")
    // Debian's packages are fetched and put in the Nix store once, not for each test.
    const packages = join(packagesFolder, "embedded")
    mkdirSync(packages, { recursive: true })
    mkdirSync(dataFolder, { recursive: true })
    symlinkSync(packages, join(dataFolder, "embedded"))
    return startAgent({
      name: "builder",
      roles: "builder",
      dataFolder,
      environment: {
        SKYPANEL_NIXPKGS: "embedded",
        SKYPANEL_NPM_REGISTRY: await npmRegistry(),
        SKYPANEL_TEMPLATES: join(checkout, "templates"),
        SKYPANEL_EMBEDDED: join(checkout, "nixos/embedded"),
        SKYPANEL_ALLOW_PRIVATE_GIT: "true",
      },
    })
  }

  /** Until that many workers are active. */
  const isReady = async (workers: number, agents: ReadonlyArray<TestProgram>) => {
    await isUp()
    return until(
      `${workers} workers to be active`,
      async () => {
        const { body } = await api("GET", "/workers")
        const active = body.filter((worker: { state: string }) => worker.state === "active")
        return active.length >= workers ? (true as const) : null
      },
      240,
    ).catch(async (error) => {
      const { body } = await api("GET", "/workers")
      const states = body.map((one: Record<string, string>) => `${one.name}: ${one.state} ${one.reason}`)
      throw new Error([error.message, ...states, ...[...agents, program].map((one) => one.tail())].join("\n"))
    })
  }

  program.start()
  await isUp()
  return {
    url,
    port,
    email,
    password,
    token,
    program,
    isUp,
    isReady,
    api,
    cli,
    startCli,
    startAgent,
    startBuilder,
  }
}

export type StartedPlatform = Awaited<ReturnType<typeof startPlatform>>

/** Asks an endpoint by its host name, through the proxy at an address. */
export const askEndpoint = async (
  proxy: string,
  host: string,
  path = "/",
  inside: Inside = (command, ...args) => [command, args],
): Promise<{ readonly status: number; readonly text: string }> => {
  // `fetch` sets the Host header itself, so the name has to resolve: *.localhost does not everywhere.
  const [command, args] = inside(
    "curl",
    ...["--silent", "--max-time", "10", "--header", `Host: ${host}`],
    ...["--write-out", "\n%{http_code}", `http://${proxy}${path}`],
  )
  const { stdout } = await run(command, [...args])
  const cut = stdout.lastIndexOf("\n")
  return { status: Number(stdout.slice(cut + 1)), text: stdout.slice(0, cut) }
}
