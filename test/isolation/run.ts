import { execFile } from "node:child_process"

/** Runs a program to its end; gives its output, or fails with what it printed. */
export const run = (program: string, args: ReadonlyArray<string>, seconds = 60): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile(
      program,
      args,
      { timeout: seconds * 1000, maxBuffer: 16 * 1024 * 1024 },
      (error, stdout, stderr) =>
        error === null
          ? resolve(stdout)
          : reject(new Error(`${error.message.slice(0, 300)}\n${stdout}${stderr}`)),
    )
  })
