import { type ChildProcess, execFile, spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"
import { Effect, Schedule, type Scope } from "effect"
import { readSystemFile, readSystemLink } from "../systemFiles.ts"
import { command, ProxyError } from "./AdminSocket.ts"
import { files } from "./files.ts"
import { pageFiles } from "./pages.ts"

const run = promisify(execFile)

const attempt = <A>(doing: () => Promise<A>) =>
  Effect.tryPromise({
    try: doing,
    catch: (error) =>
      new ProxyError({ reason: alerts((error as { stderr?: string }).stderr) || String(error) }),
  })

/** The lines of the proxy's output that say why it cannot go on. */
const alerts = (output = ""): string =>
  output
    .split("\n")
    .filter((line) => line.includes("[ALERT]"))
    .map((line) => line.replace(/^\[ALERT\]\s*(?:\(\d+\)\s*:\s*)?/, ""))
    .join("; ")
    .slice(0, 500)

/** Unix sockets have at most 107 characters; the proxy binds to a temporary name that is a little longer. */
const socketPathMost = 90

export const prepareFolder = (folder: string): Effect.Effect<void, ProxyError> =>
  Effect.gen(function* () {
    if (join(folder, files.socket).length > socketPathMost)
      return yield* new ProxyError({ reason: `the data folder's path is too long for a socket: ${folder}` })
    yield* attempt(async () => {
      await mkdir(join(folder, files.pages), { recursive: true })
      for (const [name, content] of pageFiles) await writeFile(join(folder, files.pages, name), content)
      for (const map of [files.routes, files.instances, files.peers])
        if (!existsSync(join(folder, map))) await writeFile(join(folder, map), "", { mode: 0o600 })
    })
  })

/** Puts the configuration in use at the next start, if the proxy accepts it; else the last good one stays. */
export const installConfig = (folder: string, text: string): Effect.Effect<void, ProxyError> =>
  attempt(async () => {
    await writeFile(join(folder, files.candidate), text)
    await run("haproxy", ["-c", "-f", files.candidate], { cwd: folder, timeout: 10_000 })
    await rename(join(folder, files.candidate), join(folder, files.config))
  })

const readOr = <A>(otherwise: A, read: () => string): string | A => {
  try {
    return read()
  } catch {
    return otherwise // it has ended, or we may not look
  }
}

/** Where it works is shown to nobody but itself and who may trace it; what it is called, to everybody. */
const isProxyOf = (folder: string, pid: number): boolean => {
  const name = readOr("", () => readSystemFile(`/proc/${pid}/comm`))
  const at = readOr(null, () => readSystemLink(`/proc/${pid}/cwd`))
  return name.trim() === "haproxy" && (at === null || at === folder)
}

/** A proxy of this folder that an agent before us left running. */
const former = async (folder: string): Promise<number | null> => {
  const pid = Number(await readFile(join(folder, files.pid), "utf8").catch(() => ""))
  return Number.isInteger(pid) && pid > 1 && isProxyOf(folder, pid) ? pid : null
}

/** Takes the listening sockets over from a former one, so that no connection is refused between the two. */
const startArguments = (predecessor: number | null): ReadonlyArray<string> => [
  ...["-db", "-f", files.config],
  ...(predecessor === null ? [] : ["-x", files.socket, "-sf", String(predecessor)]),
]

/** Not ours, which has the worker's token. The mark is how development finds what a killed run left. */
const proxyEnvironment = (): NodeJS.ProcessEnv => {
  const { PATH, SKYPANEL_RUN } = process.env
  return SKYPANEL_RUN === undefined ? { PATH } : { PATH, SKYPANEL_RUN }
}

const outputMost = 16 * 1024

const start = async (folder: string) => {
  const predecessor = await former(folder)
  if (predecessor === null) await rm(join(folder, files.socket), { force: true })
  const child = spawn("haproxy", startArguments(predecessor), {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
    detached: true,
    env: proxyEnvironment(),
  })
  let output = ""
  child.stderr?.on("data", (chunk: Buffer) => {
    output = (output + chunk.toString("utf8")).slice(-outputMost)
  })
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve)
    child.once("error", reject)
  })
  await writeFile(join(folder, files.pid), String(child.pid))
  return { child, output: () => output }
}

const ended = (child: ChildProcess) =>
  Effect.callback<void>((resume) => {
    const end = () => resume(Effect.void)
    if (child.exitCode !== null || child.signalCode !== null) return end()
    child.once("exit", end)
    return Effect.sync(() => child.off("exit", end))
  })

/** Until a successor has taken the socket over, its predecessor answers there. */
const isReady = (folder: string, pid: number) =>
  command(join(folder, files.socket), "show info").pipe(
    Effect.filterOrFail(
      (answer) => answer.includes(`\nPid: ${pid}\n`),
      () => new ProxyError({ reason: "it does not begin to serve" }),
    ),
    Effect.retry(Schedule.max([Schedule.spaced("20 millis"), Schedule.recurs(250)])),
  )

export interface RunningProxy {
  readonly pid: number
  readonly ended: Effect.Effect<void>
  /** What it said last, when it could not go on. */
  readonly alerts: () => string
}

/**
 * Starts the proxy with the configuration and routes on disk, and returns when it serves. When the scope closes, it
 * ends if `outlives` is false; otherwise it goes on, and the next agent takes over from it.
 */
export const startProxy = (
  folder: string,
  outlives: boolean,
): Effect.Effect<RunningProxy, ProxyError, Scope.Scope> =>
  Effect.gen(function* () {
    const { child, output } = yield* Effect.acquireRelease(
      attempt(() => start(folder)),
      ({ child }) =>
        outlives
          ? Effect.sync(() => {
              child.stderr?.destroy()
              child.unref()
            })
          : Effect.sync(() => child.kill("SIGTERM")).pipe(
              Effect.andThen(ended(child)),
              Effect.timeoutOrElse({
                duration: "2 seconds",
                orElse: () => Effect.sync(() => child.kill("SIGKILL")),
              }),
            ),
    )
    const over = Effect.flatMap(ended(child), () =>
      Effect.fail(new ProxyError({ reason: alerts(output()) || "it ended at once" })),
    )
    yield* Effect.raceFirst(isReady(folder, child.pid ?? 0), over)
    return { pid: child.pid ?? 0, ended: ended(child), alerts: () => alerts(output()) }
  })
