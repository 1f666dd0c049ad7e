import { createHash } from "node:crypto"
import type { LearnedHash } from "@skypanel/contract/LearnedHash"

/** What is fetched by a lock file that has no hash of it which Nix could take; the rest of it is for what fetches it. */
export interface Learns extends Omit<LearnedHash, "hash"> {
  /** Of its derivation; no other of the build has it. */
  readonly name: string
  readonly [detail: string]: unknown
}

/** With its hash, as the builders of the templates take it. */
export type Hashed = Learns & Pick<LearnedHash, "hash">

export const lockDigest = (text: string): string =>
  `sha256:${createHash("sha256").update(text).digest("hex")}`

/** A hash that nothing has: Nix names the right one. */
const noHash: Readonly<Record<LearnedHash["kind"], string>> = {
  "go-modules": `sha256-${"A".repeat(43)}=`,
  "yarn-archive": `sha512-${"A".repeat(86)}==`,
}

const hashOf = ({ kind, lock }: Learns, known: ReadonlyArray<LearnedHash>): string | undefined =>
  known.find((each) => each.kind === kind && each.lock === lock)?.hash

export const unknownOf = (
  learns: ReadonlyArray<Learns>,
  known: ReadonlyArray<LearnedHash>,
): ReadonlyArray<Learns> => learns.filter((each) => hashOf(each, known) === undefined)

export const withHashes = (
  learns: ReadonlyArray<Learns>,
  known: ReadonlyArray<LearnedHash>,
): ReadonlyArray<Hashed> =>
  learns.map((each) => ({ ...each, hash: hashOf(each, known) ?? noHash[each.kind] }))

export const learnedHash = ({ kind, subject, lock }: Learns, hash: string): LearnedHash => ({
  kind,
  subject,
  lock,
  hash,
})
