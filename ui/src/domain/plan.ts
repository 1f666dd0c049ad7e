import type { PackagePlan, PlannedPackage } from "@skypanel/contract/Check"
import { packageStates } from "@skypanel/contract/Check"

/** Those whose name, version or state has all the words. */
export const matching = (
  packages: ReadonlyArray<PlannedPackage>,
  words: string,
): ReadonlyArray<PlannedPackage> => {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean)
  return packages.filter(({ name, version, state }) => {
    const text = `${name} ${version ?? ""} ${packageStates[state]}`.toLowerCase()
    return wanted.every((word) => text.includes(word))
  })
}

/** How many there are, and what has to be done for them: only what there is. */
export const totalsOf = ({ totals, cut }: PackagePlan): ReadonlyArray<string> => {
  const { packages, toBuild, toFetch, inCache, onBuilder } = totals
  const counted = `${cut ? "at least " : ""}${packages} ${packages === 1 ? "package" : "packages"}`
  return [
    counted,
    ...(toBuild > 0 ? [`${toBuild} ${packageStates["to-build"]}`] : []),
    ...(toFetch > 0 ? [`${toFetch} ${packageStates["to-fetch"]}`] : []),
    ...(inCache > 0 ? [`${inCache} ${packageStates["in-cache"]}`] : []),
    ...(onBuilder > 0 ? [`${onBuilder} ${packageStates["on-builder"]}`] : []),
  ]
}
