import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from "node:fs"
import { dirname } from "node:path"
import { Effect, type Scope, Stream } from "effect"
import { ChildProcess, type ChildProcessSpawner } from "effect/process"
import { CannotStart } from "./CannotStart.ts"
import { signal } from "./processes.ts"

/** A program that runs for as long as its scope. */
export interface Program {
  /** What a person calls it: `PostgreSQL`, `platform`. */
  readonly name: string
  readonly command: string
  readonly args: ReadonlyArray<string>
  /** Added to our own environment; `undefined` removes a variable. */
  readonly env?: Record<string, string | undefined>
  readonly cwd?: string
  /** The file that gets its output; the file of the run before is kept beside it as `<log>.1`. */
  readonly log: string
  readonly stopSignal: "SIGTERM" | "SIGINT"
  /** Milliseconds that it may take to stop before it is killed. */
  readonly stopWithin: number
  /** Runs as this user instead (needs root). */
  readonly user?: string
  /** Wrapped around the command, for example `unshare --mount`; still runs as our own user. */
  readonly inside?: ReadonlyArray<string>
  readonly onOutput?: (text: string) => void
}

export interface RunningProgram {
  readonly pid: number
  /** Ends with the exit code when the program ends; 128 + n when signal n ended it. */
  readonly ended: Effect.Effect<number>
  /** The last lines of its log. */
  readonly tail: () => string
}

const setpriv = ["/usr/bin/setpriv", "/run/current-system/sw/bin/setpriv"].find((path) => existsSync(path))

/**
 * The argument list that starts `program`. On Linux the kernel sends it the stop signal when we die, so that
 * even `kill -9` of ours leaves nothing running (prctl(2), PR_SET_PDEATHSIG). A change of the user forgets that
 * wish, so it is made again after it.
 */
export const argumentsOf = (program: Program): readonly [string, ...ReadonlyArray<string>] => {
  const own: ReadonlyArray<string> = [program.command, ...program.args]
  const inside = program.inside ?? []
  if (setpriv === undefined) return [...inside, ...own] as [string, ...Array<string>]
  const tied = [setpriv, "--pdeathsig", program.stopSignal.slice(3)] as const
  const as = program.user
    ? [...tied, "--reuid", program.user, "--regid", "nogroup", "--clear-groups", "--"]
    : []
  return [...tied, "--", ...inside, ...as, ...own]
}

/** The last `lines` lines of a log file; empty when there is none. */
export const tailOf = (log: string, lines = 25): string =>
  existsSync(log) ? readFileSync(log, "utf8").trimEnd().split("\n").slice(-lines).join("\n") : ""

const openLog = (log: string) =>
  Effect.sync(() => {
    mkdirSync(dirname(log), { recursive: true })
    if (existsSync(log)) renameSync(log, `${log}.1`)
    return openSync(log, "w", 0o600)
  })

const running = new Set<number>()

/** Kills every program that was launched: for a person who does not want to wait for an orderly stop. */
export const killRunning = (): void => {
  for (const pid of running) signal(pid, "SIGKILL")
}

/** Starts a program. Closing the scope sends `stopSignal` and, after `stopWithin`, SIGKILL. */
export const launch: (
  program: Program,
) => Effect.Effect<RunningProgram, CannotStart, ChildProcessSpawner.ChildProcessSpawner | Scope.Scope> =
  Effect.fnUntraced(function* (program: Program) {
    const [command, ...args] = argumentsOf(program)
    const file = yield* openLog(program.log)
    const handle = yield* ChildProcess.make(command, args, {
      stdin: "ignore",
      killSignal: program.stopSignal,
      forceKillAfter: program.stopWithin,
      ...(program.cwd ? { cwd: program.cwd } : {}),
      env: program.env ?? {},
      extendEnv: true,
    }).pipe(
      Effect.mapError(
        (cause) => new CannotStart({ what: program.name, why: `cannot run ${command}: ${cause.message}` }),
      ),
    )
    running.add(handle.pid)
    const decoder = new TextDecoder()
    // Detached: it has to read until the program has closed its output, also while the scope closes,
    // because a full pipe would keep the program from stopping.
    yield* handle.all.pipe(
      Stream.runForEach((bytes) =>
        Effect.sync(() => {
          writeSync(file, bytes)
          program.onOutput?.(decoder.decode(bytes, { stream: true }))
        }),
      ),
      Effect.ensuring(
        Effect.sync(() => {
          closeSync(file)
          running.delete(handle.pid)
        }),
      ),
      Effect.ignore,
      Effect.forkDetach,
    )
    return {
      pid: handle.pid,
      ended: handle.exitCode.pipe(
        Effect.map(Number),
        Effect.catch(() => Effect.succeed(255)),
      ),
      tail: () => tailOf(program.log),
    }
  })

/**
 * Runs a short command to its end and gives its standard output.
 * Fails with the end of what it printed when it exits with another code than 0, or after `within` (milliseconds).
 */
export const run: (
  command: string,
  args: ReadonlyArray<string>,
  options?: { readonly within?: number; readonly env?: Record<string, string> },
) => Effect.Effect<string, CannotStart, ChildProcessSpawner.ChildProcessSpawner> = Effect.fnUntraced(
  function* (
    command: string,
    args: ReadonlyArray<string>,
    options: { readonly within?: number; readonly env?: Record<string, string> } = {},
  ) {
    const failed = (why: string, log = "") =>
      new CannotStart({ what: [command, ...args].join(" "), why, ...(log ? { log: log.slice(-4000) } : {}) })
    const handle = yield* ChildProcess.make(command, args, {
      stdin: "ignore",
      forceKillAfter: 1000,
      env: options.env ?? {},
      extendEnv: true,
    })
    const text = (bytes: typeof handle.stdout) => bytes.pipe(Stream.decodeText(), Stream.mkString)
    // Apart: warnings, such as npm's about its own settings, are no part of an answer.
    const [output, errors] = yield* Effect.all([text(handle.stdout), text(handle.stderr)], { concurrency: 2 })
    const code = yield* handle.exitCode
    if (code !== 0) return yield* failed(`exit code ${code}`, output + errors)
    return output
  },
  (effect, command, args, options) =>
    effect.pipe(
      Effect.scoped,
      Effect.catchTag("PlatformError", (error) =>
        Effect.fail(new CannotStart({ what: [command, ...args].join(" "), why: error.message })),
      ),
      Effect.timeoutOrElse({
        duration: options?.within ?? 60_000,
        orElse: () =>
          Effect.fail(new CannotStart({ what: [command, ...args].join(" "), why: "did not end in time" })),
      }),
    ),
)
