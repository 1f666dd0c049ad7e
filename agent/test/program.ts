import { type ChildProcess, spawn } from "node:child_process"
import { join } from "node:path"

const main = join(import.meta.dirname, "../src/main.ts")
const instance = join(import.meta.dirname, "instance.ts")
/** What a runtime of the agent is started with, to run a file. */
export const runArguments = (file: string) =>
  "deno" in process.versions ? ["run", "--allow-all", file] : ["--disable-warning=ExperimentalWarning", file]

export interface RunningAgent {
  readonly pid: number
  /** The exit code; null when a signal ended it. */
  readonly ended: Promise<number | null>
  readonly output: () => string
  /** Ends it with this signal and waits for that. */
  readonly end: (signal: NodeJS.Signals) => Promise<number | null>
}

/** The agent as a process of its own, on the runtime that the test runs on. */
export const startAgent = (environment: Record<string, string>): RunningAgent => {
  const child: ChildProcess = spawn(process.execPath, runArguments(main), {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...environment } as NodeJS.ProcessEnv,
    stdio: ["ignore", "pipe", "pipe"],
  })
  let output = ""
  const add = (chunk: Buffer) => {
    output = (output + chunk.toString("utf8")).slice(-20_000)
  }
  child.stdout?.on("data", add)
  child.stderr?.on("data", add)
  const ended = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)))
  return {
    pid: child.pid ?? 0,
    ended,
    output: () => output,
    end: (signal) => {
      // Not `child.kill`: after that Deno reports the signal as the end, whatever the exit code was.
      process.kill(child.pid!, signal)
      return ended
    },
  }
}

/**
 * An instance of a service, as a process that can be killed: it answers with its name. `inside`: a command that starts
 * it somewhere else, such as in another network.
 */
export const startInstance = async (name: string, inside: ReadonlyArray<string> = []) => {
  const [program = "", ...args] = [...inside, process.execPath, ...runArguments(instance), name]
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] })
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()))
  const port = await new Promise<number>((resolve) =>
    child.stdout.once("data", (line: Buffer) => resolve(Number(line))),
  )
  return {
    port,
    kill: () => {
      if (child.exitCode === null && child.signalCode === null) process.kill(child.pid!, "SIGKILL")
      return ended
    },
  }
}
