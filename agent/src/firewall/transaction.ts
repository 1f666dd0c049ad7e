import { prefix } from "./prefix.ts"
import type { Rule, RuleSet } from "./ruleSet.ts"

/** The table that our rules are in. */
export const table = "mangle"

const linesOf = (printed: string) =>
  printed
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")

/** What the packet filter prints (`-S`) of our chains and of the jumps to them, to be compared with a later print. */
export const ownPart = ({ chains, jumps }: RuleSet, printed: string): ReadonlyArray<string> => {
  const lines = linesOf(printed)
  const ours = lines.filter((line) =>
    chains.some(({ name }) => line === `-N ${name}` || line.startsWith(`-A ${name} `)),
  )
  // Our jumps come before all other rules of their chains; where others stand first, it is not in force.
  const first = [...new Set(jumps.map(({ from }) => from))].flatMap((from) =>
    lines
      .filter((line) => line.startsWith(`-A ${from} `))
      .slice(0, jumps.filter((jump) => jump.from === from).length),
  )
  return [...ours, ...first]
}

/** What is different now from how it was put in force, in a few words of the packet filter's own; null: nothing. */
export const damage = (before: ReadonlyArray<string>, now: ReadonlyArray<string>): string | null => {
  if (before.join("\n") === now.join("\n")) return null
  const missing = before.filter((line) => !now.includes(line))
  const strange = now.filter((line) => !before.includes(line))
  const shown = (lines: ReadonlyArray<string>) =>
    lines.slice(0, 3).join("; ") + (lines.length > 3 ? `; and ${lines.length - 3} more` : "")
  const parts = [
    ...(missing.length > 0 ? [`missing: ${shown(missing)}`] : []),
    ...(strange.length > 0 ? [`not ours: ${shown(strange)}`] : []),
  ]
  return parts.length > 0 ? parts.join(", ") : "in another order"
}

const oursBegin = `${prefix}-`

/** Away with every jump from others' chains to ours, also with those of rules that were in force before. */
const jumpsAway = (printed: string): ReadonlyArray<string> =>
  linesOf(printed)
    .filter((line) => line.startsWith("-A ") && !line.startsWith(`-A ${oursBegin}`))
    .filter((line) => line.includes(` -j ${oursBegin}`))
    .map((line) => line.replace(/^-A /, "-D "))

/** All chains of ours that there are, whichever rules had them. */
const chainsIn = (printed: string): ReadonlyArray<string> =>
  linesOf(printed)
    .filter((line) => line.startsWith(`-N ${oursBegin}`))
    .map((line) => line.slice("-N ".length))

const transaction = (lines: ReadonlyArray<string>) => `${[`*${table}`, ...lines, "COMMIT"].join("\n")}\n`

/**
 * The input of `iptables-restore --noflush` that puts all of it in force in one step, whatever there was of it before:
 * no packet meets a half-filled chain. `printed` is the packet filter's print as it is now.
 */
export const installation = ({ chains, jumps }: RuleSet, printed: string): string => {
  const gone = chainsIn(printed).filter((found) => !chains.some(({ name }) => name === found))
  return transaction([
    ...chains.map(({ name }) => `:${name} - [0:0]`),
    ...gone.map((name) => `-F ${name}`),
    ...chains.flatMap(({ name, rules }) => rules.map((rule) => `-A ${name} ${rule.join(" ")}`)),
    ...jumpsAway(printed),
    ...jumps.map(({ from, rule }) => `-I ${from} 1 ${rule.join(" ")}`),
    ...gone.map((name) => `-X ${name}`),
  ])
}

/** The same, to take all of it away; null when nothing of it is there. */
export const removal = (printed: string): string | null => {
  const [there, jumps] = [chainsIn(printed), jumpsAway(printed)]
  if (there.length === 0 && jumps.length === 0) return null
  return transaction([...jumps, ...there.map((name) => `-F ${name}`), ...there.map((name) => `-X ${name}`)])
}

/** A chain with this one rule that no packet comes to: what the packet filter cannot do, it refuses. */
export const trial = (chain: string, rule: Rule): string =>
  transaction([`:${chain} - [0:0]`, `-A ${chain} ${[...rule, "-j", "RETURN"].join(" ")}`])

export const endOfTrial = (chain: string): string => transaction([`-F ${chain}`, `-X ${chain}`])

/** How many packets came to the first rule of a chain, of its print with counters (`-S <chain> -v`). */
export const packetsOf = (printed: string): number => Number(/^-A .*-c (\d+) \d+/m.exec(printed)?.[1] ?? 0)
