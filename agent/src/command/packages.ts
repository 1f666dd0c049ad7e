import { run } from "./run.ts"

const apt = ["-y", "-o", "DPkg::Lock::Timeout=300"]
const quiet = { DEBIAN_FRONTEND: "noninteractive" }
const minutes = 30 * 60

/** The packages that `apt-get --simulate` says it would remove. */
export const removedBy = (simulation: string): ReadonlyArray<string> =>
  Array.from(simulation.matchAll(/^(?:Remv|Purg) ([^\s:]+)/gm), (match) => match[1]!)

/** The packages that `dpkg-query --show` knows: `name:amd64<tab>version`; one that is gone for good has no version. */
export const knownBy = (shown: string): ReadonlyArray<string> =>
  Array.from(shown.matchAll(/^([^\s:]+)(?::\S+)?\t\S/gm), (match) => match[1]!)

/** Of these, the packages that are on the machine, or have left their settings behind. */
const present = async (names: ReadonlyArray<string>): Promise<ReadonlyArray<string>> => {
  const { stdout } = await run("dpkg-query", ["--show", ...names], 60)
  const known = new Set(knownBy(stdout))
  return names.filter((name) => known.has(name))
}

/**
 * Removes packages with their settings. What something needs that came later stays, and so does all of them: gives
 * the names of those that need it.
 */
export const purge = async (names: ReadonlyArray<string>): Promise<ReadonlyArray<string>> => {
  const there = names.length === 0 ? [] : await present(names)
  if (there.length === 0) return []
  const simulated = await run("apt-get", ["--simulate", "purge", ...there], 120, quiet)
  if (simulated.code !== 0) throw new Error(`apt-get cannot remove packages: ${simulated.stderr.trim()}`)
  const others = removedBy(simulated.stdout).filter((name) => !there.includes(name))
  if (others.length > 0) return others
  const purged = await run("apt-get", [...apt, "purge", ...there], minutes, quiet)
  if (purged.code !== 0) throw new Error(`apt-get purge: ${purged.stderr.trim().slice(-500)}`)
  return []
}
