import type { Entries } from "./mapChange.ts"

export interface PeerFacts {
  readonly workerId: string | null
  /** The agent does not hear the platform. */
  readonly platformIsLost: boolean
  /** The secret to prove oneself with. */
  readonly sent: string | null
  readonly accepted: ReadonlyArray<string>
}

/** What the proxy knows of itself and its peers. Whoever claims to be one can look up nothing but `known/…`. */
export const peerEntries = ({ workerId, platformIsLost, sent, accepted }: PeerFacts): Entries =>
  new Map([
    ...(workerId === null ? [] : ([["worker", workerId]] as const)),
    ["platform", platformIsLost ? "lost" : "heard"] as const,
    ...(sent === null ? [] : ([["send", sent]] as const)),
    ...accepted.map((secret) => [`known/${secret}`, "peer"] as const),
  ])
