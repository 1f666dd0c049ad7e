import { readFileSync } from "node:fs"
import { join } from "node:path"
import { type Bundle, bundle, bundleOf } from "../../platform/src/install/bundle.ts"

const standIn = join(import.meta.dirname, "agent.ts")

let plain: Promise<Bundle> | undefined

/**
 * The stand-in agent as a bundle. Editions:
 * - `ends at once`: with exit code 3
 * - `never connects`
 * - any other connects, and reports its edition
 */
export const agentEdition = async (edition: string): Promise<Bundle> => {
  plain ??= bundle(standIn, true)
  const text = (await plain).code.toString("utf8")
  if (!text.includes("EDITION")) throw new Error("the stand-in agent has no place for its edition")
  return bundleOf(Buffer.from(text.replaceAll("EDITION", edition)))
}

export const agentPackageVersion: string = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../agent/package.json"), "utf8"),
).version
