import { setTimeout as wait } from "node:timers/promises"
import type { AgentProcess } from "./agentProcess.ts"
import { decide, type VersionState } from "./decide.ts"
import type { VersionFiles } from "./versionFiles.ts"

/** The agent ends with it when another version waits to be tried. */
export const upgradeExitCode = 75

/** How long a version that failed may take to end, before it is killed. Milliseconds. */
const endingMs = 10_000

const lookEveryMs = 200

export interface Launch {
  readonly files: VersionFiles
  readonly start: (sha256: string) => AgentProcess
  /** How long a new version has to be confirmed. */
  readonly trialMs: number
  readonly say: (line: string) => void
  /** Has somebody asked us to stop? */
  readonly isStopping: () => boolean
}

/** Null: it is confirmed. Otherwise why it is not. */
const verdictOn = async ({ files, trialMs }: Launch, sha256: string, agent: AgentProcess) => {
  let exitCode: number | null = null
  void agent.ended.then((code) => {
    exitCode = code
  })
  for (const deadline = performance.now() + trialMs; performance.now() < deadline; await wait(lookEveryMs)) {
    if (files.confirmed() === sha256) return null
    if (exitCode !== null) return `it ended with exit code ${exitCode} before the platform had welcomed it`
  }
  return files.confirmed() === sha256 ? null : `the platform had not welcomed it after ${trialMs / 1000} s`
}

const end = async (agent: AgentProcess): Promise<void> => {
  const late = new AbortController()
  agent.signal("SIGTERM")
  void wait(endingMs, undefined, { signal: late.signal }).then(
    () => agent.signal("SIGKILL"),
    () => undefined,
  )
  await agent.ended
  late.abort()
}

/** Changes the disk; where it takes nothing, the version it was about is left alone until we start anew. */
const makeWrite = (say: Launch["say"], skipped: Set<string>) => (sha256: string, change: () => void) => {
  try {
    change()
    return true
  } catch (error) {
    say(`the data folder cannot be written: ${(error as Error).message}`)
    skipped.add(sha256)
    return false
  }
}

const without = (state: VersionState, skipped: ReadonlySet<string>): VersionState =>
  state.next !== null && skipped.has(state.next.sha256) ? { ...state, next: null } : state

/**
 * Runs the agent until it ends, and gives its exit code. A new version is run on trial: when it is not confirmed in
 * time, or ends before, the one before it runs again and the new one is not tried again.
 */
export const launch = async (options: Launch): Promise<number> => {
  const { files, isStopping, say, start } = options
  const skipped = new Set<string>()
  const write = makeWrite(say, skipped)

  /** Null: it may not run on. */
  const attempt = async (sha256: string): Promise<AgentProcess | null> => {
    if (!write(sha256, files.countAttempt)) return null
    say(`trying version ${sha256}`)
    const agent = start(sha256)
    const why = await verdictOn(options, sha256, agent)
    if (why === null) {
      write(sha256, files.promote)
      say(`version ${sha256} works`)
      return agent
    }
    // Whoever asked us to stop has ended it: that says nothing about it.
    if (isStopping()) return agent
    say(`version ${sha256} does not work: ${why}; going back to the one before`)
    write(sha256, () => files.reject(why))
    await end(agent)
    return null
  }

  for (;;) {
    const plan = decide(without(files.state(), skipped))
    if (plan.do === "nothing") {
      say("no version of the agent is on this machine; run the installation script again")
      return 1
    }
    if (plan.do === "promote") write(plan.sha256, files.promote)
    if (plan.do === "reject") {
      say(`version ${plan.sha256} is not tried: ${plan.why}`)
      write(plan.sha256, () => files.reject(plan.why))
    }
    if (plan.do === "promote" || plan.do === "reject") continue
    const agent = plan.do === "run" ? start(plan.sha256) : await attempt(plan.sha256)
    if (agent === null) continue
    const code = await agent.ended
    if (isStopping() || code !== upgradeExitCode || files.state().next === null) return code
  }
}
