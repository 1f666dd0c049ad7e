import manifest from "../../package.json" with { type: "json" }
import { versionName } from "../launcher/bundleHeader.ts"

/** The hash of the bundle that runs, as the launcher says; null where there is no launcher. */
export const runningSha256 = (): string | null => process.env.SKYPANEL_AGENT_SHA256 ?? null

/** The version that runs, such as `0.1.0+5f2b9c1e`; without a launcher only the package's. */
export const agentVersion = (): string => {
  const sha256 = runningSha256()
  return sha256 === null ? manifest.version : versionName(manifest.version, sha256)
}
