import { mkdir, rename, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { Welcome } from "@skypanel/contract/AgentProtocol"
import { Context, Effect, Layer } from "effect"
import { AgentConfig } from "../config.ts"
import { agentVersion } from "../upgrade/agentVersion.ts"

/**
 * `status.json` in the agent's data folder says whether it is connected, for the installation script and for
 * `skypanel-agent status`. There is no secret in it.
 */
export class StatusFile extends Context.Service<
  StatusFile,
  {
    readonly connected: (welcome: Welcome) => Effect.Effect<void>
    readonly disconnected: (reason: string) => Effect.Effect<void>
  }
>()("agent/session/StatusFile") {
  static readonly layer = Layer.effect(
    StatusFile,
    Effect.gen(function* () {
      const { controlPlane, dataFolder } = yield* AgentConfig
      const file = join(dataFolder, "status.json")
      const write = (content: object) =>
        Effect.tryPromise(async () => {
          const status = {
            ...content,
            at: new Date().toISOString(),
            agent: agentVersion(),
            controlPlane: controlPlane.origin,
          }
          await mkdir(dataFolder, { recursive: true })
          await writeFile(`${file}.new`, `${JSON.stringify(status)}\n`, { mode: 0o644 })
          await rename(`${file}.new`, file)
        }).pipe(Effect.catch((error) => Effect.logDebug("cannot write the status", error)))
      let known: { readonly workerId: string; readonly name: string } | null = null
      return {
        connected: ({ workerId, name }) =>
          Effect.suspend(() => {
            known = { workerId, name }
            return write({ connected: true, reason: "", ...known })
          }),
        disconnected: (reason) =>
          Effect.suspend(() => write({ connected: false, reason, workerId: null, name: null, ...known })),
      }
    }),
  )
}
