import { execFile } from "node:child_process"
import { Effect } from "effect"

export interface CommandOutput {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs a program of our own (never one of a customer's) to its end, outside any confinement. Exit code 127 when it
 * cannot be started, 124 when it took longer than `seconds`.
 */
export const runCommand = (
  command: ReadonlyArray<string>,
  options: {
    readonly seconds: number
    readonly environment?: Readonly<Record<string, string>>
    /** What it reads from its standard input; nothing when it is left out. */
    readonly input?: string
  },
): Effect.Effect<CommandOutput> =>
  Effect.callback((resume) => {
    const child = execFile(
      command[0]!,
      command.slice(1),
      {
        timeout: options.seconds * 1000,
        killSignal: "SIGKILL",
        maxBuffer: 64 * 1024 * 1024,
        env: { PATH: process.env.PATH, LC_ALL: "C", ...options.environment },
        cwd: "/",
      },
      (error, stdout, stderr) => {
        const exitCode =
          error === null ? 0 : error.killed ? 124 : typeof error.code === "number" ? error.code : 127
        resume(Effect.succeed({ exitCode, stdout, stderr }))
      },
    )
    // It may end before it has read all of it.
    child.stdin?.on("error", () => undefined)
    child.stdin?.end(options.input)
    return Effect.sync(() => child.kill("SIGKILL"))
  })
