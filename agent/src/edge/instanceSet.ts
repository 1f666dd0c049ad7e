import { createHash } from "node:crypto"
import type { Address } from "./peerAddress.ts"

/** Of more instances than this, a proxy leads to some only. */
export const instancesMost = 64

/** Instances that answer the same requests, as the proxy's maps have them. */
export interface InstanceSet {
  /**
   * `<hash>:<count>:<for peers>[:<first>]`. The hash is of the content: a name never means anything else later, so
   * whoever has just read it in one map finds what belongs to it in the other. Visitors are led to the first `count`
   * instances; peers to as many as the third number says from `first` on, or from the beginning. These are containers of
   * this worker.
   */
  readonly name: string
  /** Of each instance: `container/<address>/<port>/<next>`, or `peer/…` for one behind another worker's proxy. */
  readonly instances: ReadonlyArray<string>
}

const hashed = (text: string) => createHash("sha256").update(text).digest("base64url").slice(0, 16)

const placeOf = (kind: "container" | "peer") => (to: Address) => `${kind}/${to.address}/${to.port}`

/**
 * For each place the number of the instance to ask when it does not answer: going on like that, one comes to every
 * place once. A peer with several instances is one place, as it is the peer that does not answer.
 */
const nexts = (places: ReadonlyArray<string>): ReadonlyArray<number> => {
  const first = new Map<string, number>()
  for (const [at, place] of places.entries()) if (!first.has(place)) first.set(place, at)
  const different = Array.from(first.keys())
  const next = new Map(
    different.map((place, n) => [place, first.get(different[(n + 1) % different.length]!)!]),
  )
  return places.map((place) => next.get(place)!)
}

/**
 * `peers` has an entry for each instance; equal ones get the share of as many. `leaving` is for peers alone, and only
 * where there is no container besides. The order does not matter.
 */
export const instanceSetOf = (
  containers: ReadonlyArray<Address>,
  peers: ReadonlyArray<Address>,
  leaving: ReadonlyArray<Address> = [],
): InstanceSet => {
  const own = (all: ReadonlyArray<Address>) =>
    [...new Set(all.map(placeOf("container")))].toSorted().slice(0, instancesMost)
  const here = own(containers)
  const places = [...here, ...peers.map(placeOf("peer")).toSorted()].slice(0, instancesMost)
  const next = nexts(places)
  const count = places.length
  const parting = here.length === 0 ? own(leaving).map((place, n) => `${place}/${count + n}`) : []
  const instances = [...places.map((place, n) => `${place}/${next[n]}`), ...parting]
  const forPeers = parting.length === 0 ? here.length : `${parting.length}:${count}`
  return { name: `${hashed(instances.join(" "))}:${count}:${forPeers}`, instances }
}
