import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const binary = join(dirname(dirname(fileURLToPath(import.meta.url))), "bin", "skypanel.mjs")

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export interface Running {
  readonly process: ChildProcessWithoutNullStreams
  readonly ended: Promise<Ended>
  /** Waits until one of its outputs has the text. */
  readonly says: (text: string) => Promise<void>
}

/** Starts the command line as a person does, in an environment that names nothing but what is given. */
export const start = (
  args: ReadonlyArray<string>,
  options: { readonly env?: Record<string, string>; readonly cwd?: string; readonly input?: string } = {},
): Running => {
  const child = spawn(process.execPath, [binary, ...args], {
    cwd: options.cwd ?? "/",
    env: { PATH: process.env.PATH ?? "", HOME: "/nonexistent", ...options.env },
  })
  let out = ""
  let err = ""
  const listeners = new Set<() => void>()
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text
    for (const listener of listeners) listener()
  })
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    err += text
    for (const listener of listeners) listener()
  })
  child.stdin.end(options.input ?? "")
  const ended = new Promise<Ended>((resolve) => child.on("close", (code) => resolve({ code, out, err })))
  const says = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (!`${out}\n${err}`.includes(text)) return
        listeners.delete(look)
        resolve()
      }
      listeners.add(look)
      look()
      void ended.then(() => reject(new Error(`it ended without saying ${text}:\n${out}\n${err}`)))
    })
  return { process: child, ended, says }
}

export const skypanel = (...[args, options]: Parameters<typeof start>): Promise<Ended> =>
  start(args, options).ended
