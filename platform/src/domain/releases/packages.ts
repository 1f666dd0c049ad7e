import type { PackageChange, ReleaseComparison, ReleasePackage } from "@skypanel/contract/ReleaseComparison"
import { packageOf } from "./packageName.ts"

/** A store path of a closure. */
export interface Member {
  /** `<hash>-<name>` */
  readonly base: string
  readonly narSize: number
}

const hashLength = 32
const nameIn = (base: string) => base.slice(hashLength + 1)

const inOrder = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0)

export const closureBytes = (closure: ReadonlyArray<Member>): number =>
  closure.reduce((sum, { narSize }) => sum + narSize, 0)

/** What is in a closure, sorted by name and version. */
export const packagesOf = (closure: ReadonlyArray<Member>): ReadonlyArray<ReleasePackage> => {
  const found = new Map<string, { -readonly [K in keyof ReleasePackage]: ReleasePackage[K] }>()
  for (const { base, narSize } of closure) {
    const { name, version } = packageOf(nameIn(base))
    const key = `${name}\0${version ?? ""}`
    const one = found.get(key) ?? { name, version, bytes: 0, paths: 0 }
    one.bytes += narSize
    one.paths += 1
    found.set(key, one)
  }
  return Array.from(found)
    .sort(([one], [other]) => inOrder(one, other))
    .map(([, one]) => one)
}

type Side = NonNullable<PackageChange["before"]>
interface Grouped extends Side {
  readonly bases: ReadonlyArray<string>
}

const byName = (closure: ReadonlyArray<Member>): ReadonlyMap<string, Grouped> => {
  const bases = new Map<string, Array<string>>()
  for (const { base } of closure) {
    const { name } = packageOf(nameIn(base))
    bases.set(name, [...(bases.get(name) ?? []), base])
  }
  const grouped = new Map<string, Grouped>()
  for (const { name, version, bytes } of packagesOf(closure)) {
    const before = grouped.get(name) ?? { versions: [], bytes: 0, bases: (bases.get(name) ?? []).sort() }
    grouped.set(name, {
      ...before,
      versions: [...before.versions, version],
      bytes: before.bytes + bytes,
    })
  }
  return grouped
}

const side = (grouped: Grouped | undefined): Side | null =>
  grouped === undefined ? null : { versions: grouped.versions, bytes: grouped.bytes }

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other)

/**
 * From one closure to another, as `nix store diff-closures` tells it: packages by name, with their versions and sizes.
 * Those that were only built anew are counted, not listed: an update of a compiler rebuilds everything.
 */
export const compareClosures = (
  before: ReadonlyArray<Member>,
  after: ReadonlyArray<Member>,
): NonNullable<ReleaseComparison["closure"]> => {
  const old = byName(before)
  const now = byName(after)
  const packages: Array<PackageChange> = []
  let rebuilt = 0
  for (const name of Array.from(new Set([...old.keys(), ...now.keys()])).sort(inOrder)) {
    const change = { name, before: side(old.get(name)), after: side(now.get(name)) }
    if (!same(change.before, change.after)) packages.push(change)
    else if (!same(old.get(name)?.bases, now.get(name)?.bases)) rebuilt += 1
  }
  return { bytesBefore: closureBytes(before), bytesAfter: closureBytes(after), packages, rebuilt }
}
