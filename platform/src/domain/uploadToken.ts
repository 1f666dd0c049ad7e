import { createHmac, timingSafeEqual } from "node:crypto"
import type { BuildId } from "@skypanel/contract/Id"

const mac = (secret: string, build: string): string =>
  createHmac("sha256", secret).update(`upload:${build}`).digest("base64url")

/** Lets a builder upload for one build. It needs no storing, and is of no use when the build is over. */
export const uploadToken = (secret: string, build: BuildId): string => `${build}.${mac(secret, build)}`

/** The build that a token is for, or null when it is none of ours. */
export const buildOfUploadToken = (secret: string, token: string): BuildId | null => {
  const [build = "", given = ""] = token.split(".")
  const wanted = Buffer.from(mac(secret, build))
  const found = Buffer.from(given)
  return found.length === wanted.length && timingSafeEqual(found, wanted) ? (build as BuildId) : null
}
