import { execFile } from "node:child_process"

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const outputMost = 8 * 1024 * 1024

/** Runs a program; what it needs longer than `seconds` for is ended. A program that is missing has code 127. */
export const run = (
  program: string,
  args: ReadonlyArray<string>,
  seconds: number,
  environment: Readonly<Record<string, string>> = {},
): Promise<Ran> =>
  new Promise((resolve) => {
    execFile(
      program,
      args,
      {
        timeout: seconds * 1000,
        killSignal: "SIGKILL",
        maxBuffer: outputMost,
        env: { ...process.env, LC_ALL: "C", ...environment },
      },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === "number" ? error.code : 127
        resolve({ code, stdout, stderr: stderr || (error?.message ?? "") })
      },
    )
  })
