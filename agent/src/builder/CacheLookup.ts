import type { BuildAssignment } from "@skypanel/contract/BuildAssignment"
import { buildCache } from "./BuildCache.ts"
import type { BuilderConfig } from "./BuilderConfig.ts"
import { type NarInfo, parseNarInfo } from "./NarInfo.ts"
import type { PackageSource } from "./PackageSource.ts"

export type Found = NarInfo & { readonly where: "in-cache" | "to-fetch" }

/** Asks the platform's binary cache, then those of the package set. Only looks: nothing is fetched. */
export interface CacheLookup {
  /** Those of the paths that a cache has. */
  readonly find: (paths: ReadonlyArray<string>) => Promise<ReadonlyMap<string, Found>>
  /** Some were not asked for: there was no time, or there were too many. */
  readonly cut: () => boolean
}

const atOnce = 32
const lookupsMost = 600
const narInfoBytesMost = 256 * 1024

interface Cache {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly where: Found["where"]
}

const cachesOf = (
  config: BuilderConfig,
  assignment: BuildAssignment,
  source: PackageSource,
): ReadonlyArray<Cache> => {
  const own = buildCache(config, assignment)
  return [
    ...(own === null
      ? []
      : [{ url: own.url, headers: { Authorization: own.authorization }, where: "in-cache" as const }]),
    ...source.substituters.map(({ url }) => ({
      url: `${url.replace(/\/$/, "")}/`,
      headers: {},
      where: "to-fetch" as const,
    })),
  ]
}

const ask = async (
  { url, headers, where }: Cache,
  path: string,
  signal: AbortSignal,
): Promise<Found | null> => {
  const hash = path.slice("/nix/store/".length, "/nix/store/".length + 32)
  try {
    const response = await fetch(new URL(`${hash}.narinfo`, url), { headers, signal, redirect: "error" })
    if (!response.ok || Number(response.headers.get("content-length") ?? 0) > narInfoBytesMost) {
      await response.body?.cancel()
      return null
    }
    const info = parseNarInfo(await response.text())
    return info === null ? null : { ...info, where }
  } catch {
    return null
  }
}

/** All of it takes `milliseconds` at most. */
export const cacheLookup = (
  config: BuilderConfig,
  assignment: BuildAssignment,
  source: PackageSource,
  milliseconds: number,
): CacheLookup => {
  const caches = cachesOf(config, assignment, source)
  const signal = AbortSignal.timeout(milliseconds)
  let asked = 0
  let cut = false
  const findOne = async (path: string) => {
    for (const cache of caches) {
      const found = await ask(cache, path, signal)
      if (found !== null) return found
    }
    return null
  }
  return {
    cut: () => cut || (caches.length > 0 && signal.aborted),
    find: async (paths) => {
      const found = new Map<string, Found>()
      if (caches.length === 0) return found
      const some = paths.slice(0, Math.max(0, lookupsMost - asked))
      if (some.length < paths.length) cut = true
      asked += some.length
      for (let at = 0; at < some.length && !signal.aborted; at += atOnce)
        await Promise.all(
          some.slice(at, at + atOnce).map(async (path) => {
            const one = await findOne(path)
            if (one !== null) found.set(path, one)
          }),
        )
      return found
    },
  }
}
