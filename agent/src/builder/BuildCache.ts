import type { BuildAssignment } from "@skypanel/contract/BuildAssignment"
import type { BuilderConfig } from "./BuilderConfig.ts"

/** The platform's binary cache as a build's Nix knows it: the egress proxy answers for this name, and no other way leads there. */
export const cacheHost = "cache.skypanel.invalid"

/** Where what is asked of that name is taken from. */
export interface BuildCache {
  /** With a slash at its end. */
  readonly url: string
  /** The proxy adds it: what runs in the build's network never sees it. */
  readonly authorization: string
}

/** The token of the upload is what reads, too: for this build, as long as it runs. */
export const buildCache = (config: BuilderConfig, assignment: BuildAssignment): BuildCache | null => {
  const token = /^\/cache\/push\/([^/?]+)/.exec(assignment.uploadPath)?.[1]
  if (token === undefined || (assignment.cachePublicKeys ?? []).length === 0) return null
  return {
    url: `${config.controlPlane}/cache/`,
    authorization: `Basic ${Buffer.from(`build:${token}`).toString("base64")}`,
  }
}

/** For Nix' settings: one entry for each key that signs there. */
export const cacheSubstituters = (assignment: BuildAssignment) =>
  (assignment.cachePublicKeys ?? []).map((key) => ({ url: `http://${cacheHost}`, key }))
