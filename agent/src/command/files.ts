import { createHash } from "node:crypto"
import { existsSync, readFileSync, rmSync, statSync } from "node:fs"
import type { InstallationRecord } from "./record.ts"
import { run } from "./run.ts"
import { unit } from "./status.ts"

/** What puts the packet filter's rules in force when the machine starts (platform/src/install/bootRules.ts). */
const firewallUnit = "skypanel-firewall.service"

const remove = (path: string) => rmSync(path, { recursive: true, force: true })

const hashOf = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex")

/** The unit, and files of ours in other programs' folders unless somebody has changed them since. */
export const removeInstalled = async ({ files, masked }: InstallationRecord): Promise<void> => {
  for (const { path, sha256 } of files) if (existsSync(path) && hashOf(path) === sha256) remove(path)
  await run("systemctl", ["disable", "--now", firewallUnit], 30)
  for (const name of [unit, firewallUnit]) remove(`/etc/systemd/system/${name}`)
  for (const name of masked) await run("systemctl", ["unmask", name], 30)
  await run("systemctl", ["daemon-reload"], 30)
  await run("systemctl", ["reset-failed", unit, firewallUnit], 30)
}

/** What packages that are gone have left: their folders, and files that nothing is in. */
export const removeLeavings = ({ folders, emptied }: InstallationRecord): void => {
  for (const path of folders) remove(path)
  for (const path of emptied) if (existsSync(path) && statSync(path).size === 0) remove(path)
}

/** Last of all, and last of these the command itself: until then it can be run again. */
export const removeOwnFolders = (dataFolder: string): void => {
  for (const path of ["/etc/skypanel", "/var/cache/skypanel", dataFolder]) remove(path)
  remove("/usr/local/lib/skypanel")
  remove("/usr/local/bin/skypanel-agent")
}
