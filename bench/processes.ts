import { execFile } from "node:child_process"
import { promisify } from "node:util"

const start = promisify(execFile)

/** A program's standard output; fails with what it wrote when it does not end well. */
export const run = async (
  command: string,
  args: ReadonlyArray<string>,
  options: { readonly cwd?: string; readonly env?: Record<string, string | undefined> } = {},
): Promise<string> => {
  try {
    const { stdout } = await start(command, args, {
      ...options,
      maxBuffer: 64 * 1024 * 1024,
      timeout: 600_000,
    })
    return stdout
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout?: string; readonly stderr?: string }
    throw new Error(`${command} ${args.join(" ")} failed:\n${stdout ?? ""}\n${stderr ?? ""}`, {
      cause: error,
    })
  }
}

/** The same, null when it fails. */
export const attempt = (command: string, args: ReadonlyArray<string>): Promise<string | null> =>
  run(command, args).catch(() => null)

/** Looks every few milliseconds until it sees what it waits for; gives the milliseconds since `begun`. */
export const until = async (
  what: string,
  begun: number,
  look: () => Promise<boolean>,
  options: { readonly every?: number; readonly seconds?: number } = {},
): Promise<number> => {
  const deadline = performance.now() + (options.seconds ?? 180) * 1000
  while (performance.now() < deadline) {
    if (await look()) return performance.now() - begun
    await new Promise((resolve) => setTimeout(resolve, options.every ?? 5))
  }
  throw new Error(`waited ${options.seconds ?? 180} s for ${what}`)
}
