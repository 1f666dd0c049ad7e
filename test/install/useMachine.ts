import type { WorkerRole } from "@skypanel/contract/Worker"
import { afterAll, beforeAll } from "vitest"
import { useServer } from "../lab/fixtures.ts"
import type { Ran, RunOptions, TestServer } from "../lab/server.ts"
import { until } from "../lab/until.ts"
import { type ScriptedPlatform, startPlatform } from "./platform.ts"

/** A fresh server, and a platform that has an installation for it. */
export interface Machine {
  readonly server: TestServer
  readonly platform: ScriptedPlatform
  /** Runs a line in a shell of the server. */
  readonly sh: (line: string, options?: RunOptions) => Promise<Ran>
  /** Pastes the command. Options are the script's. */
  readonly paste: (...options: ReadonlyArray<string>) => Promise<Ran>
  /** A line of which the output is trimmed, and the exit code is 0. */
  readonly read: (line: string) => Promise<string>
  readonly untilEdition: (edition: string, seconds?: number) => Promise<true>
}

const whole = { within: 600 }

const machineOf = (server: TestServer, platform: ScriptedPlatform): Machine => {
  const sh: Machine["sh"] = (line, options) => server.run(["sh", "-c", line], options)
  return {
    server,
    platform,
    sh,
    paste: (...options) =>
      sh(`curl -fsSL ${platform.url}/install/${platform.token} | sh -s -- ${options.join(" ")}`, whole),
    read: async (line) => {
      const { code, stdout, stderr } = await sh(line)
      if (code !== 0) throw new Error(`${line}: exit code ${code}\n${stdout}${stderr}`)
      return stdout.trim()
    },
    untilEdition: (edition, seconds = 60) =>
      until(
        `an agent of edition ${edition}`,
        async () => (platform.heartbeats.at(-1)?.edition === edition ? (true as const) : null),
        seconds,
      ),
  }
}

/** For the tests of a file: `const machine = useMachine()`, then `machine().paste()`. */
export const useMachine = (roles: ReadonlyArray<WorkerRole> = ["services", "ingress"]) => {
  const server = useServer()
  let made: Machine | undefined
  beforeAll(async () => {
    made = machineOf(server(), await startPlatform(server().hostAddress, roles))
  })
  afterAll(() => made?.platform.stop())
  return () => {
    if (made === undefined) throw new Error("only inside a test or a hook")
    return made
  }
}
