import { Effect } from "effect"
import { PlatformConfig } from "../config.ts"
import type { InstallationFacts, Refusal } from "../install/facts.ts"
import { installationOfToken, markFetched } from "../store/Installations.ts"
import type { InstallationRow } from "../store/rows.ts"
import { PlatformKey } from "./PlatformKey.ts"
import { whyRefused } from "./registration.ts"

/** Everything that the script of an installation says. */
export const factsOfInstallation = (row: InstallationRow, token: string) =>
  Effect.gen(function* () {
    const { publicUrl, registryAddress, npmRegistry } = yield* PlatformConfig
    const { publicKey } = yield* PlatformKey
    return {
      token,
      name: row.name,
      roles: row.roles,
      labels: row.labels,
      region: row.region,
      runtime: row.runtime,
      controlPlane: publicUrl,
      platformKey: publicKey,
      registryAddress,
      npmRegistry,
      expiresAt: row.expires_at,
    } satisfies InstallationFacts
  })

const reasonOf = (row: InstallationRow & { readonly expired: boolean }): Refusal["refused"] => {
  if (row.revoked_at !== null) return "revoked"
  if (row.used_at !== null) return "used"
  return row.expired ? "expired" : "forbidden"
}

/**
 * What a machine that asks for its script is given, or why nothing. To fetch it uses nothing up: that is the
 * registration. A machine that was cut off after that may fetch it again.
 */
export const findInstallationFacts = (token: string, address: string) =>
  Effect.gen(function* () {
    const row = yield* installationOfToken(token)
    if (row === null) return { refused: "unknown" } satisfies Refusal
    const why = whyRefused(row, address)
    if (why !== null) return { refused: reasonOf(row) } satisfies Refusal
    yield* markFetched(row.id)
    return yield* factsOfInstallation(row, token)
  })
