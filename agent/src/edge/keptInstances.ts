import type { InstanceSet } from "./instanceSet.ts"
import type { Entries } from "./mapChange.ts"

/** A request may have read a set's name just before the host got another one: the set stays for this long. */
const keptMs = 5_000

/** Sets that no host has any more, and since when. */
export type Unused = ReadonlyMap<string, number>

/** What the map of instances shall hold: the sets in use, and those that were until a moment ago. */
export const instancesFor = (
  before: Entries,
  sets: ReadonlyMap<string, InstanceSet>,
  unusedBefore: Unused,
  nowMs: number,
): { readonly entries: Entries; readonly unused: Unused } => {
  const entries = new Map<string, string>()
  const unused = new Map<string, number>()
  for (const { name, instances } of sets.values())
    for (const [n, instance] of instances.entries()) entries.set(`${name}/${n}`, instance)
  for (const [key, instance] of before) {
    const name = key.slice(0, key.lastIndexOf("/"))
    if (sets.has(name)) continue
    const since = unusedBefore.get(name) ?? nowMs
    if (nowMs - since >= keptMs) continue
    unused.set(name, since)
    entries.set(key, instance)
  }
  return { entries, unused }
}
