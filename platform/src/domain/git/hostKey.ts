import { createHash } from "node:crypto"

export interface KnownHost {
  readonly line: string
  readonly type: string
  /** As `ssh-keygen -l` shows it. */
  readonly fingerprint: string
}

/** How a known_hosts file names the host of `ssh://host:port`. */
const nameOf = (origin: string): string => {
  const url = new URL(origin)
  const host = url.hostname.replace(/^\[|\]$/g, "")
  return url.port === "" || url.port === "22" ? host : `[${host}]:${url.port}`
}

/** A line of a known_hosts file, as a builder reports it, when it is one of that host and nothing else. */
export const readKnownHost = (line: string, origin: string): KnownHost | null => {
  const [, host, type, key] = /^(\S+) ([a-z0-9@.-]{1,100}) ([A-Za-z0-9+/]{40,1500}={0,2})$/.exec(line) ?? []
  if (host !== nameOf(origin) || type === undefined || key === undefined) return null
  const digest = createHash("sha256").update(Buffer.from(key, "base64")).digest("base64")
  return { line, type, fingerprint: `SHA256:${digest.replace(/=+$/, "")}` }
}

export const hostKeyType = (line: string): string => line.split(" ")[1] ?? ""
