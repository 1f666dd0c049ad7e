import { type LockSource, problem } from "./Locked.ts"

/** Versions 5.x, 6.0 and 9.0 write the same in three ways; inside, everything is as in 9.0: `name@version(peers)`. */
export interface Format {
  readonly version: number
  /** A key of `packages` or `snapshots`. */
  readonly id: (key: string) => string
  /** What a dependency of this name means by its value. */
  readonly target: (name: string, value: string) => string
}

const slashed = (key: string) => {
  const parts = /^\/?((?:@[^/]+\/)?[^/]+)\/(.+)$/.exec(key)
  return parts === null ? key : `${parts[1]}@${parts[2]}`
}
const formats: ReadonlyArray<Format> = [
  {
    version: 5,
    id: slashed,
    target: (name, value) => (value.startsWith("/") ? slashed(value) : `${name}@${value}`),
  },
  {
    version: 6,
    id: (key) => key.replace(/^\//, ""),
    target: (name, value) => (value.startsWith("/") ? value.slice(1) : `${name}@${value}`),
  },
  {
    version: 9,
    id: (key) => key,
    target: (name, value) => (/^@?[^@(]+@/.test(value) ? value : `${name}@${value}`),
  },
]

/** `name@version` of an id, without what it says of peers: `(react@18.2.0)`, or `_react@18.2.0` in version 5. */
export const plainId = (id: string) => {
  const withoutPeers = id.replace(/\(.*$/s, "")
  const at = withoutPeers.indexOf("@", 1)
  const name = at < 0 ? withoutPeers : withoutPeers.slice(0, at)
  const version = at < 0 ? "" : withoutPeers.slice(at + 1).replace(/_.*$/s, "")
  return { name, version }
}

/** The format of a lock file, by the version that it names. */
export const formatOf = (source: LockSource, lock: Readonly<Record<string, unknown>>): Format => {
  const version = Number.parseInt(String(lock.lockfileVersion), 10)
  const format = formats.find((each) => each.version === version)
  if (format !== undefined) return format
  throw problem(
    source,
    "lockfileVersion",
    `its version ${String(lock.lockfileVersion).slice(0, 20)} is not known`,
    "Known are 5, 6 and 9: make it with pnpm 6 to 10.",
  )
}
