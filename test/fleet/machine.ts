import { execFile } from "node:child_process"
import { promisify } from "node:util"
import type { TestFleet } from "../lab/fleet.ts"
import type { LabWorker } from "../lab/lab.ts"

/**
 * Does on a machine of the lab what the command that an administrator is shown does there, up to where it would change
 * the machine: fetches the script. What it does to a machine of its own is proved in test/install.
 */
export const fetchScript = async ({ lab, port }: TestFleet, machine: LabWorker, command: string) => {
  const [, url = ""] = /curl -fsSL '(\S+)' \| sh/.exec(command) ?? []
  const { pathname } = new URL(url)
  // The lab reaches the platform by this machine's address in there.
  const [curl, args] = machine.inside("curl", "-fsS", `http://${lab.address}:${port}${pathname}`)
  const { stdout: script } = await promisify(execFile)(curl, args)
  return { script, token: pathname.slice("/install/".length) }
}
