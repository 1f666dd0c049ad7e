import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process"
import { ofWholeRun } from "../../test/lab/wholeRun/ofWholeRun.ts"

const { program: bundled, environment } = await ofWholeRun("commandLine")

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
  options: {
    readonly env?: Record<string, string>
    readonly cwd?: string
    readonly input?: string
    readonly program?: string
  } = {},
): Running => {
  const child = spawn(process.execPath, [options.program ?? bundled, ...args], {
    cwd: options.cwd ?? "/",
    env: { PATH: process.env.PATH ?? "", HOME: "/nonexistent", ...environment, ...options.env },
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
