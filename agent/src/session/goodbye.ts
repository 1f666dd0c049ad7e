import { existsSync } from "node:fs"
import { join } from "node:path"
import type { Up } from "@skypanel/contract/AgentProtocol"
import { Effect } from "effect"
import { AgentConfig } from "../config.ts"
import { Upgrade } from "../upgrade/Upgrade.ts"

/** Left in the data folder by `skypanel-agent uninstall`, before it stops the agent. */
const uninstalling = "uninstalling"

/** What an agent says that ends on purpose. */
export const goodbye = Effect.gen(function* () {
  const { dataFolder } = yield* AgentConfig
  const { isReady } = yield* Upgrade
  const why = (yield* isReady)
    ? "upgrade"
    : existsSync(join(dataFolder, uninstalling))
      ? "uninstalled"
      : "stopped"
  return { _tag: "stopping", why } satisfies Up
})
