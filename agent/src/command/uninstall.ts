import { existsSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { createInterface } from "node:readline/promises"
import { type DockerApi, dockerApi, type Found } from "./dockerApi.ts"
import { removeInstalled, removeLeavings, removeOwnFolders } from "./files.ts"
import { endProcessesIn } from "./leftProcesses.ts"
import { purge } from "./packages.ts"
import { removeRules } from "./packetFilter.ts"
import { type InstallationRecord, readRecord } from "./record.ts"
import { run } from "./run.ts"
import { unit } from "./status.ts"
import { unmountVolumes, volumesIn } from "./volumes.ts"

export interface Uninstall {
  readonly dataFolder: string
  /** Nobody is asked. */
  readonly yes: boolean
  readonly keepPackages: boolean
}

const dockerSocket = process.env.SKYPANEL_DOCKER_SOCKET ?? "/run/docker.sock"

const say = (line: string) => console.log(line)

/** What cannot be had again, as a person is told before. */
const losses = (
  { containers }: Found,
  volumes: ReadonlyArray<string>,
  { packages }: InstallationRecord,
  keepPackages: boolean,
) => [
  `this machine stops being a worker and forgets its identity`,
  `${containers.length} containers of services end here`,
  ...(volumes.length === 0 ? [] : [`${volumes.length} volumes are deleted WITH WHAT IS IN THEM`]),
  ...(keepPackages || packages.length === 0
    ? []
    : [`${packages.length} packages that the installation added are removed, with their data`]),
]

const isAgreed = async (what: ReadonlyArray<string>): Promise<boolean> => {
  say(["This undoes SkyPanel's installation:", ...what.map((line) => `  - ${line}`)].join("\n"))
  if (!process.stdin.isTTY) throw new Error("nobody can be asked here: say --yes to go on")
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  const answer = await terminal.question("Type yes to go on: ").finally(() => terminal.close())
  return answer.trim() === "yes"
}

/** The agent tells the platform that it is not coming back when it finds this file. */
const stopAgent = async (dataFolder: string) => {
  if (existsSync(dataFolder)) {
    mkdirSync(dataFolder, { recursive: true })
    writeFileSync(join(dataFolder, "uninstalling"), "")
  }
  await run("systemctl", ["disable", "--now", unit], 90)
  await endProcessesIn(dataFolder)
}

const emptyEngine = async (docker: DockerApi) => {
  if (!(await docker.isThere())) return
  // It ends the containers of the orchestrator's tasks by itself; what is left is removed one by one.
  await docker.leaveSwarm()
  const { containers, volumes } = await docker.ours()
  for (const id of containers) await docker.removeContainer(id)
  for (const name of volumes) await docker.removeVolume(name)
}

/** True when they are gone. */
const removePackages = async ({ packages, users, groups }: InstallationRecord): Promise<boolean> => {
  // The engine's interfaces outlive it, and so would its data.
  const hadEngine = packages.includes("docker.io")
  if (hadEngine)
    await run("systemctl", ["stop", "docker.socket", "docker.service", "containerd.service"], 120)
  const needing = await purge(packages)
  if (needing.length > 0) {
    say(`kept the packages, because something else needs them: ${needing.join(", ")}`)
    return false
  }
  if (hadEngine)
    for (const name of ["docker_gwbridge", "docker0"]) await run("ip", ["link", "delete", name], 10)
  for (const name of users) await run("userdel", [name], 30)
  for (const name of groups) await run("groupdel", [name], 30)
  return true
}

/**
 * Takes away everything that the installation script and the agent have made. Each step leaves alone what is gone
 * already: after a failure it is run again.
 */
export const uninstall = async ({ dataFolder, yes, keepPackages }: Uninstall): Promise<number> => {
  if (process.getuid?.() !== 0) throw new Error("only root may undo the installation: use sudo")
  if (existsSync("/etc/NIXOS"))
    throw new Error("this machine's own configuration made it a worker: run nixos-rebuild switch without it")
  const docker = dockerApi(dockerSocket)
  const record = readRecord(dataFolder)
  const found = (await docker.isThere()) ? await docker.ours() : { containers: [], volumes: [] }
  const volumes = [...found.volumes, ...volumesIn(dataFolder)]
  if (!yes && !(await isAgreed(losses(found, volumes, record, keepPackages)))) {
    say("nothing was changed")
    return 1
  }
  let packagesGone = false
  const steps: ReadonlyArray<readonly [string, () => Promise<void>]> = [
    ["stopping the agent and its proxy", () => stopAgent(dataFolder)],
    ["leaving the cluster; removing containers and volumes", () => emptyEngine(docker)],
    ["unmounting volumes", () => unmountVolumes(dataFolder)],
    ["taking the rules out of the packet filter", removeRules],
    ["removing what was installed", () => removeInstalled(record)],
    [
      keepPackages ? "keeping packages" : "removing packages",
      async () => {
        packagesGone = !keepPackages && (await removePackages(record))
      },
    ],
    [
      "removing the agent's data",
      async () => {
        if (packagesGone) removeLeavings(record)
        removeOwnFolders(dataFolder)
      },
    ],
  ]
  for (const [what, step] of steps) {
    say(`${what} …`)
    try {
      await step()
    } catch (error) {
      throw new Error(`${what}: ${(error as Error).message}\nRun it again when that is mended.`)
    }
  }
  say("SkyPanel is gone from this machine.")
  return 0
}
