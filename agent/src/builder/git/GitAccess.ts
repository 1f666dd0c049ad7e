import { chown, mkdir, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { SourceAccess } from "@skypanel/contract/BuildAssignment"
import type { GitUrl } from "@skypanel/contract/GitUrl"
import { type Bind, fetcherId } from "../Confinement.ts"
import { proxyPort } from "../EgressNamespace.ts"
import type { Redactions } from "../LogText.ts"

/** Where `git fetch` sees the folder with what it may use; no other program of the build does. */
const inside = "/access"

/** Git asks this for a user and a password, and for the repository's own host only: a redirect gets nothing. */
const helper = `!f() { test "$1" = get && while read -r line; do printf '%s\\n' "$line"; done < ${inside}/credential; }; f`

const proxyCommand = `-o ProxyCommand='socat - PROXY:127.0.0.1:%h:%p,proxyport=${proxyPort}'`

/** A host that takes the connection and then says nothing is given up as well. */
const everywhere = ["BatchMode=yes", "ConnectTimeout=10"]

const ssh = (...options: ReadonlyArray<string>) =>
  ["ssh -F none", ...[...everywhere, ...options].map((option) => `-o ${option}`), proxyCommand].join(" ")

/** Settings and command for a fetch: none of them has a secret in it, but where it is. */
export interface FetchAccess {
  readonly settings: ReadonlyArray<string>
  readonly sshCommand: string
  readonly writable: ReadonlyArray<Bind>
}

const publicAccess: FetchAccess = {
  settings: [],
  sshCommand: ssh("StrictHostKeyChecking=accept-new", "UserKnownHostsFile=/tmp/known_hosts"),
  writable: [],
}

const accessFor = (url: GitUrl, access: SourceAccess, folder: string): FetchAccess => {
  const writable = [{ from: folder, to: inside }]
  if (access._tag === "token")
    return { ...publicAccess, settings: ["-c", `credential.${url.origin}.helper=${helper}`], writable }
  const sshCommand = ssh(
    `IdentityFile=${inside}/key`,
    "IdentitiesOnly=yes",
    "IdentityAgent=none",
    "GlobalKnownHostsFile=/dev/null",
    `UserKnownHostsFile=${inside}/known_hosts`,
    `StrictHostKeyChecking=${access.knownHosts.length === 0 ? "accept-new" : "yes"}`,
  )
  return { settings: [], sshCommand, writable }
}

const filesOf = (access: SourceAccess): Record<string, string> =>
  access._tag === "token"
    ? { credential: `username=${access.username}\npassword=${access.token}\n` }
    : { key: access.privateKey, known_hosts: access.knownHosts.map((line) => `${line}\n`).join("") }

/** Writes what the fetch may use into a new folder that only its own user reads; without any, nothing is written. */
export const openAccess = async (
  url: GitUrl,
  access: SourceAccess | null,
  folder: string,
): Promise<FetchAccess> => {
  if (access === null) return publicAccess
  await mkdir(folder, { mode: 0o700 })
  await chown(folder, fetcherId, fetcherId)
  for (const [name, content] of Object.entries(filesOf(access))) {
    await writeFile(join(folder, name), content, { mode: 0o600, flag: "wx" })
    await chown(join(folder, name), fetcherId, fetcherId)
  }
  return accessFor(url, access, folder)
}

/** The host keys that were taken on trust in this fetch; what was known before is not among them. */
export const takenHostKeys = async (
  access: SourceAccess | null,
  folder: string,
): Promise<ReadonlyArray<string>> => {
  if (access?._tag !== "key" || access.knownHosts.length > 0) return []
  const text = await readFile(join(folder, "known_hosts"), "utf8").catch(() => "")
  return text.split("\n").filter(Boolean).slice(0, 8)
}

export const closeAccess = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true })

/** What of it must be in no log, in every form that a program might print it in. */
export const accessRedactions = (access: SourceAccess | null): Redactions => {
  if (access === null) return []
  const base64 = (text: string) => Buffer.from(text).toString("base64").replace(/=+$/, "")
  const hidden =
    access._tag === "token"
      ? [access.token, encodeURIComponent(access.token), base64(`${access.username}:${access.token}`)]
      : access.privateKey.split("\n").filter((line) => line !== "" && !line.startsWith("-----"))
  return hidden.map((text) => [text, "…"])
}
