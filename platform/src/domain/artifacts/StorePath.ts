/** Where every store path lies; other store folders are refused, since their paths hash differently. */
export const storeFolder = "/nix/store"

/**
 * A store path split in two: `/nix/store/<hash>-<name>`. The hash has 32 characters of nix32, the name 1 to 211 of
 * `[0-9a-zA-Z+._?=-]` and is not `.` or `..`, nor begins so with a `-` after it (Nix' own rule, libstore/path.cc).
 */
export interface StorePath {
  readonly path: string
  readonly base: string
  readonly hash: string
  readonly name: string
}

const baseName = /^([0-9abcdfghijklmnpqrsvwxyz]{32})-([0-9a-zA-Z+._?=-]{1,211})$/
const dots = /^\.\.?(-|$)/

/** Null when it is not one. */
export const parseStoreBase = (base: string): StorePath | null => {
  const match = baseName.exec(base)
  if (!match || dots.test(match[2]!)) return null
  return { path: `${storeFolder}/${base}`, base, hash: match[1]!, name: match[2]! }
}

/** Null when it is not the path itself: a file inside a store path is not a store path. */
export const parseStorePath = (path: string): StorePath | null =>
  path.startsWith(`${storeFolder}/`) ? parseStoreBase(path.slice(storeFolder.length + 1)) : null
