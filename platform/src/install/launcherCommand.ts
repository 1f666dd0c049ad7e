import type { AgentRuntime } from "@skypanel/contract/Installation"
import { places } from "./places.ts"

const { library, dataFolder } = places

/** Nothing but the file is read: no configuration, no other module, no question to a terminal. */
const alone = ["--no-prompt", "--no-config", "--no-lock", "--no-remote", "--no-npm"]

/**
 * Of the unit's main process: it reads and replaces versions, starts the agent, and passes signals on to it. For the
 * last it needs to be allowed to run everything; what it starts, `setpriv`, could start everything anyway.
 */
const launching = [
  "--allow-env",
  `--allow-read=${dataFolder}/agent`,
  `--allow-write=${dataFolder}/agent`,
  "--allow-run",
]

/** The command line of the launcher; `all` when it is to undo an installation, which no list would bound. */
export const launcherCommand = (runtime: AgentRuntime, permissions: "launching" | "all"): string => {
  const granted = permissions === "all" ? ["--allow-all"] : launching
  const program = `${library}/${runtime}`
  const words =
    runtime === "deno"
      ? [program, "run", ...alone, ...granted, `${library}/launcher.mjs`]
      : [program, `${library}/launcher.mjs`]
  return words.join(" ")
}
