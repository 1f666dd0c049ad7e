import { readFileSync } from "node:fs"
import { parseArgs } from "node:util"
import { headerOf, versionName } from "../launcher/bundleHeader.ts"
import { versionFiles } from "../launcher/versionFiles.ts"
import { agentVersion, runningSha256 } from "../upgrade/agentVersion.ts"
import { printStatus, readStatus } from "./status.ts"
import { uninstall } from "./uninstall.ts"

const usage = `skypanel-agent: what this machine does as a worker of SkyPanel

  skypanel-agent status [--json]      is it connected, as which worker, and which versions run; exit code 0 when it is
  skypanel-agent version              the version of the agent
  skypanel-agent uninstall [--yes] [--keep-packages]
                                      undoes the installation; asks before it removes what cannot be had again
`

export interface CommandPlaces {
  readonly dataFolder: string
}

/**
 * On a machine whose own configuration brings the agent (NixOS) there is no version of ours: command and agent are one
 * package, which names its version. Where it does not, what the agent said itself.
 */
const version = (dataFolder: string): string => {
  const files = versionFiles(dataFolder)
  const { current } = files.state()
  if (current === null)
    return runningSha256() === null ? (readStatus(dataFolder)?.agent ?? "none") : agentVersion()
  return versionName(headerOf(readFileSync(files.path(current), "utf8"))?.version ?? "0", current)
}

/** Carries out what was typed after `skypanel-agent`, and gives the exit code. */
export const runCommand = async (
  args: ReadonlyArray<string>,
  { dataFolder }: CommandPlaces,
): Promise<number> => {
  const [name = "", ...rest] = args
  try {
    if (name === "version") {
      console.log(version(dataFolder))
      return 0
    }
    if (name === "status") {
      const { values } = parseArgs({ args: rest, options: { json: { type: "boolean", default: false } } })
      return await printStatus(dataFolder, version(dataFolder), values.json)
    }
    if (name === "uninstall") {
      const { values } = parseArgs({
        args: rest,
        options: {
          yes: { type: "boolean", default: false },
          "keep-packages": { type: "boolean", default: false },
        },
      })
      return await uninstall({ dataFolder, yes: values.yes, keepPackages: values["keep-packages"] })
    }
  } catch (error) {
    console.error(`skypanel-agent: ${(error as Error).message}`)
    return 1
  }
  const asked = name === "help" || name === "--help"
  console[asked ? "log" : "error"](usage)
  return asked ? 0 : 2
}
