import { type ChildProcess, spawn } from "node:child_process"

/** The agent as a process; everything about it has a limit but its life. */
export interface AgentProcess {
  /** The exit code; 128 and the signal's number where one ended it. */
  readonly ended: Promise<number>
  readonly signal: (name: NodeJS.Signals) => void
}

const signalNumbers: Partial<Record<NodeJS.Signals, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGKILL: 9,
  SIGTERM: 15,
}

const endOf = (child: ChildProcess): Promise<number> =>
  new Promise((resolve) => {
    child.once("error", (error) => {
      console.error(`the agent cannot be started: ${error.message}`)
      resolve(127)
    })
    child.once("exit", (code, signal) =>
      resolve(code ?? 128 + ((signal === null ? undefined : signalNumbers[signal]) ?? 0)),
    )
  })

/** The kernel ends the agent with us: whatever happened, no two of them run. */
const tied = ["setpriv", "--pdeathsig", "KILL", "--"]

export const startAgent = (
  command: ReadonlyArray<string>,
  environment: Readonly<Record<string, string>>,
): AgentProcess => {
  const [program = "", ...args] = [...tied, ...command]
  const child = spawn(program, args, { stdio: "inherit", env: { ...process.env, ...environment } })
  const ended = endOf(child)
  let over = false
  void ended.then(() => {
    over = true
  })
  return {
    ended,
    signal: (name) => {
      // Not `child.kill`: after that Deno reports the signal as the end, whatever the exit code was.
      if (!over && child.pid !== undefined) process.kill(child.pid, name)
    },
  }
}
