import { type ChildProcess, spawn } from "node:child_process"
import { readFile } from "node:fs/promises"
import type { Writable } from "node:stream"
import { setTimeout as wait } from "node:timers/promises"
import { Effect } from "effect"
import type { ControlGroup } from "./ControlGroup.ts"
import { LineSplitter } from "./LogText.ts"

export interface Ended {
  /** Null when a signal ended it. */
  readonly exitCode: number | null
  readonly signal: string | null
  /** Why we ended it ourselves, if we did. */
  readonly stopped: "time" | "output" | "asked" | null
}

export interface Run {
  readonly group: ControlGroup
  /** Seconds on the wall clock. */
  readonly seconds: number
  /** Bytes of standard output and error together. */
  readonly outputBytes: number
  readonly onLine: (stream: "stdout" | "stderr", line: string) => void
  /** Ends it when this settles, as `asked`. */
  readonly until?: Promise<void>
}

/** The process and everything below it, oldest first, as this machine numbers them. */
export const descendants = async (pid: number): Promise<ReadonlyArray<number>> => {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "")
  const below = await Promise.all(
    text
      .split(" ")
      .filter(Boolean)
      .map((child) => descendants(Number(child))),
  )
  return [pid, ...below.flat()]
}

type Running = ChildProcess & { readonly pid: number }

interface Started {
  readonly child: Running
  /** Settles when it has ended and its output was read. */
  readonly closed: Promise<Pick<Ended, "exitCode" | "signal">>
}

/**
 * Starts a command of `confine`, puts its processes into the group and only then lets it run. Rejects when it cannot
 * be started.
 */
export const startConfined = async (
  command: ReadonlyArray<string>,
  group: ControlGroup,
  signal: AbortSignal,
): Promise<Started> => {
  const child = spawn(command[0]!, command.slice(1), {
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    env: { PATH: process.env.PATH },
    cwd: "/",
    detached: true,
  })
  const closed = new Promise<Pick<Ended, "exitCode" | "signal">>((resolve) =>
    child.once("close", (exitCode, signal) => resolve({ exitCode, signal })),
  )
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve)
    child.once("error", reject)
  })
  const running = child as Running
  const gate = child.stdio[3] as Writable
  gate.on("error", () => undefined)
  try {
    await group.add([running.pid])
    // bubblewrap forks before it waits for us: what it forked before it was in the group has to follow.
    await group.add(await waiting(running))
  } catch (error) {
    killGroup(running)
    throw error
  }
  if (signal.aborted) killGroup(running)
  else gate.end("1")
  return { child: running, closed }
}

/** Waits until bubblewrap has its child (which waits for the gate), or has failed. */
const waiting = async (child: Running): Promise<ReadonlyArray<number>> => {
  for (let round = 0; round < 2000 && child.exitCode === null && child.signalCode === null; round++) {
    const pids = await descendants(child.pid)
    if (pids.length > 1) return pids
    await wait(1)
  }
  return []
}

/** Ends a child that was started detached, and what it has started. */
export const killGroup = (child: ChildProcess): void => {
  try {
    // It leads its own process group where the runtime makes one (Deno does not).
    process.kill(-child.pid!, "SIGKILL")
  } catch {
    // There is no such group, or it ended by itself.
  }
  // Of what is confined, bubblewrap's death ends the process namespace.
  child.kill("SIGKILL")
}

const run = async (command: ReadonlyArray<string>, options: Run, signal: AbortSignal): Promise<Ended> => {
  const { child, closed } = await startConfined(command, options.group, signal)
  let stopped: Ended["stopped"] = null
  const stop = (why: Ended["stopped"]) => {
    stopped ??= why
    killGroup(child)
  }
  const timer = setTimeout(() => stop("time"), options.seconds * 1000)
  const abort = () => stop("asked")
  if (signal.aborted) abort()
  signal.addEventListener("abort", abort)
  void options.until?.then(abort)
  let bytes = 0
  for (const stream of ["stdout", "stderr"] as const) {
    const splitter = new LineSplitter(stream === "stdout" ? 1024 * 1024 : undefined)
    child[stream]!.on("data", (chunk: Uint8Array) => {
      bytes += chunk.length
      if (bytes > options.outputBytes) return stop("output")
      for (const line of splitter.push(chunk)) options.onLine(stream, line)
    })
    child[stream]!.on("end", () => {
      for (const line of splitter.end()) options.onLine(stream, line)
    })
  }
  try {
    return { ...(await closed), stopped }
  } finally {
    clearTimeout(timer)
    signal.removeEventListener("abort", abort)
  }
}

/**
 * Runs a command of `confine` to its end. Whatever it started is dead when this returns, also when it is interrupted.
 * A command that cannot be started is a defect.
 */
export const runConfined = (command: ReadonlyArray<string>, options: Run): Effect.Effect<Ended> =>
  Effect.suspend(() => {
    let running: Promise<unknown> = Promise.resolve()
    return Effect.promise((signal) => {
      const ended = run(command, options, signal)
      running = ended.catch(() => undefined)
      return ended
    }).pipe(
      Effect.ensuring(
        Effect.promise(async () => {
          await options.group.kill()
          // An interruption may have come while it was starting: then it ends when it has started.
          await Promise.race([running, wait(5000, undefined, { ref: false })])
        }),
      ),
    )
  })
