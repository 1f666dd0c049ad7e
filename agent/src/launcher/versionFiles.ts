import { createHash } from "node:crypto"
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs"
import { join } from "node:path"
import type { VersionState } from "./decide.ts"

/** A version that was tried in vain. */
export interface FailedVersion {
  readonly sha256: string
  readonly why: string
  /** ISO 8601. */
  readonly at: string
}

/** Of those that failed, the newest are remembered. */
const failedMost = 20

const isSha256 = (text: unknown): text is string => typeof text === "string" && /^[0-9a-f]{64}$/.test(text)

const readText = (file: string): string | null => {
  try {
    return readFileSync(file, "utf8").trim()
  } catch {
    return null
  }
}

const readJson = (file: string): unknown => {
  try {
    return JSON.parse(readText(file) ?? "null")
  } catch {
    return null
  }
}

/** Whoever reads the file finds what was there before or all of this, also after the power has failed. */
const replace = (file: string, content: string | Uint8Array): void => {
  const written = typeof content === "string" ? Buffer.from(content) : content
  const descriptor = openSync(`${file}.new`, "w", 0o600)
  try {
    for (let at = 0; at < written.length; ) at += writeSync(descriptor, written, at)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  renameSync(`${file}.new`, file)
}

/**
 * The versions of the agent on the disk, in `<data>/agent`. Every file is replaced as a whole, so that a machine whose
 * power fails between any two steps finds something to start.
 *
 * - `versions/<sha256>.mjs`: the bundles; one whose content is not what its name says counts as missing
 * - `current`: the version that runs when nothing else is said
 * - `previous`: the one before it
 * - `next`: a version to be tried, and how often that was begun
 * - `confirmed`: the version that the platform has welcomed last
 * - `failed`: versions that were tried in vain
 */
export const versionFiles = (dataFolder: string) => {
  const folder = join(dataFolder, "agent")
  const versions = join(folder, "versions")
  const path = (sha256: string) => join(versions, `${sha256}.mjs`)

  const isWhole = (sha256: string): boolean => {
    try {
      return (
        createHash("sha256")
          .update(readFileSync(path(sha256)))
          .digest("hex") === sha256
      )
    } catch {
      return false
    }
  }
  /** Newest first. */
  const kept = (): ReadonlyArray<string> => {
    try {
      return readdirSync(versions)
        .filter((name) => name.endsWith(".mjs"))
        .map((name) => name.slice(0, -".mjs".length))
        .filter(isSha256)
        .map((sha256) => ({ sha256, at: statSync(path(sha256)).mtimeMs }))
        .sort((a, b) => b.at - a.at)
        .map(({ sha256 }) => sha256)
    } catch {
      return []
    }
  }
  const named = (name: string): string | null => {
    const text = readText(join(folder, name))
    return isSha256(text) ? text : null
  }
  const next = (): VersionState["next"] => {
    const { sha256, attempts } = (readJson(join(folder, "next")) ?? {}) as Record<string, unknown>
    return isSha256(sha256) && typeof attempts === "number" ? { sha256, attempts } : null
  }
  const failed = (): ReadonlyArray<FailedVersion> => {
    const read = readJson(join(folder, "failed"))
    return Array.isArray(read) ? (read as Array<FailedVersion>).filter((each) => isSha256(each?.sha256)) : []
  }
  const put = (name: string, content: string) => {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    replace(join(folder, name), `${content}\n`)
  }
  const state = (): VersionState => ({
    current: named("current"),
    previous: named("previous"),
    next: next(),
    confirmed: named("confirmed"),
    failed: failed().map(({ sha256 }) => sha256),
    whole: kept().filter(isWhole),
  })

  return {
    state,
    path,
    failed,
    confirmed: () => named("confirmed"),
    /** Keeps a bundle, whose hash the caller has checked. */
    keep: (sha256: string, content: Uint8Array): void => {
      mkdirSync(versions, { recursive: true, mode: 0o700 })
      replace(path(sha256), content)
    },
    /** This version shall be tried at the next start. */
    setNext: (sha256: string): void => {
      if (named("confirmed") === sha256) rmSync(join(folder, "confirmed"), { force: true })
      put("next", JSON.stringify({ sha256, attempts: 0 }))
    },
    countAttempt: (): void => {
      const trial = next()
      if (trial !== null) put("next", JSON.stringify({ ...trial, attempts: trial.attempts + 1 }))
    },
    confirm: (sha256: string): void => put("confirmed", sha256),
    /** The next version is the current one from now on; of the others the one before it is kept. */
    promote: (): void => {
      const { current, next: trial } = state()
      if (trial !== null && trial.sha256 !== current) {
        if (current !== null) put("previous", current)
        put("current", trial.sha256)
      }
      rmSync(join(folder, "next"), { force: true })
      for (const sha256 of kept())
        if (sha256 !== named("current") && sha256 !== named("previous")) rmSync(path(sha256), { force: true })
    },
    /** The next version is not tried again. */
    reject: (why: string): void => {
      const trial = next()
      if (trial === null) return
      const { sha256 } = trial
      const others = failed().filter((each) => each.sha256 !== sha256)
      const one: FailedVersion = { sha256, why, at: new Date().toISOString() }
      put("failed", JSON.stringify([one, ...others].slice(0, failedMost)))
      rmSync(join(folder, "next"), { force: true })
      if (sha256 !== named("current")) rmSync(path(sha256), { force: true })
    },
  }
}

export type VersionFiles = ReturnType<typeof versionFiles>
