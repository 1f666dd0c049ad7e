import { writeFileSync } from "node:fs"
import { join } from "node:path"

/** How much further than usual an engine keeps its containers from the machine. */
export interface EngineIsolation {
  /** Root in a container is no user of the machine (`--userns-remap`). */
  readonly userNamespaces?: boolean
  /** Containers have gVisor's kernel (`--default-runtime runsc`). */
  readonly gvisor?: boolean
}

/** The user whose subordinate ids are given to containers; `dockerd` looks both files up by the user's name. */
const remapped = "nobody"
const remappedGroup = "nogroup"
/** The first of the ids that a container's users have outside. */
export const firstRemappedId = 200_000

/** What the engine reads in place of the machine's `/etc/subuid` and `/etc/subgid`. */
export const subordinateFiles = ["subuid", "subgid"] as const

/**
 * `ptrace` runs everywhere, also in virtual machines without nested virtualization. `--network=host` is the network
 * of the container, by way of the machine's kernel: with a network stack of its own, Debian's runsc (2022-12) takes
 * every network of a newer kernel for the machine's own ("cannot run with network enabled in root network
 * namespace"), and starts no container.
 */
const runscArguments = ["--platform=ptrace", "--network=host"]

/** Writes what the engine needs for it into its folder of settings. */
export const writeIsolation = (settings: string, { userNamespaces }: EngineIsolation): void => {
  if (!userNamespaces) return
  for (const name of subordinateFiles)
    writeFileSync(join(settings, name), `${remapped}:${firstRemappedId}:65536\n`)
}

/** The engine's configuration file (`daemon.json`). */
export const engineConfiguration = ({ gvisor }: EngineIsolation): string =>
  `${JSON.stringify({
    // As on every worker.
    "no-new-privileges": true,
    ...(gvisor
      ? {
          "default-runtime": "runsc",
          runtimes: { runsc: { path: "/usr/bin/runsc", runtimeArgs: runscArguments } },
        }
      : {}),
  })}\n`

export const isolationArguments = ({ userNamespaces }: EngineIsolation): ReadonlyArray<string> =>
  userNamespaces ? ["--userns-remap", `${remapped}:${remappedGroup}`] : []
