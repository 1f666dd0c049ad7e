import {
  type PackagePlan,
  type PackageState,
  type PlannedPackage,
  plannedPackagesMost,
} from "@skypanel/contract/Check"
import type { Found } from "./CacheLookup.ts"
import type { Derivation } from "./Derivation.ts"
import type { DerivationGraph } from "./DerivationGraph.ts"

/** A store path of the plan. */
export interface PlannedPath {
  readonly state: PackageState
  readonly bytes: number | null
  /** What is moved to have it here. */
  readonly bytesToFetch: number
}

export interface Target {
  readonly drvPath: string
  readonly outPath: string
  readonly outputName: string
  readonly name: string
}

/** As Nix' `builtins.parseDrvName`: the version begins after the first dash that no letter follows. */
const parseName = (text: string) => {
  const dash = /-(?=[^a-zA-Z])/.exec(text)
  return dash === null
    ? { name: text, version: null }
    : { name: text.slice(0, dash.index), version: text.slice(dash.index + 1) }
}

const bounded = (text: string) => text.slice(0, 256)

/** What people call a store path: as its derivation does, where that is known. */
export const nameOf = (path: string, derivation: Derivation | undefined) => {
  const pname = derivation?.environment.get("pname") ?? ""
  const version = derivation?.environment.get("version") ?? ""
  const parsed = parseName(path.slice("/nix/store/".length + 33))
  return {
    name: bounded(pname === "" ? parsed.name : pname),
    version: version === "" ? (parsed.version === null ? null : bounded(parsed.version)) : bounded(version),
  }
}

export const outputsOf = (
  { derivations }: DerivationGraph,
  { drvPath, outputs }: Derivation["inputs"][number],
): ReadonlyArray<string> =>
  (derivations.get(drvPath)?.outputs ?? []).flatMap(({ name, path }) =>
    outputs.includes(name) && path !== "" ? [path] : [],
  )

/** Which derivation makes a path. */
export const makersOf = ({ derivations }: DerivationGraph): ReadonlyMap<string, Derivation> => {
  const makers = new Map<string, Derivation>()
  for (const derivation of derivations.values())
    for (const { path } of derivation.outputs) if (path !== "") makers.set(path, derivation)
  return makers
}

/**
 * From the target to all that has to be there for it, as Nix would go: what is there is not built, so that nothing is
 * wanted that only its build would need.
 */
export const planPaths = async (
  graph: DerivationGraph,
  target: Target,
  isValid: (path: string) => boolean,
  find: (paths: ReadonlyArray<string>) => Promise<ReadonlyMap<string, Found>>,
): Promise<Map<string, PlannedPath>> => {
  const makers = makersOf(graph)
  const planned = new Map<string, PlannedPath>()
  const wanted = new Set([target.outPath])
  let level = [target.outPath]
  while (level.length > 0) {
    const cached = await find(level.filter((path) => !isValid(path)))
    const next: Array<string> = []
    const want = (path: string) => {
      if (wanted.has(path)) return
      wanted.add(path)
      next.push(path)
    }
    for (const path of level) {
      const found = cached.get(path)
      if (isValid(path)) planned.set(path, { state: "on-builder", bytes: null, bytesToFetch: 0 })
      else if (found !== undefined) {
        const bytes = found.narBytes
        planned.set(path, { state: found.where, bytes, bytesToFetch: found.fileBytes ?? bytes ?? 0 })
        for (const reference of found.references) want(reference)
      } else {
        const maker = makers.get(path)
        const fixed = maker?.outputs.some((output) => output.fixed) === true
        planned.set(path, { state: fixed ? "to-fetch" : "to-build", bytes: null, bytesToFetch: 0 })
        for (const input of maker?.inputs ?? []) for (const output of outputsOf(graph, input)) want(output)
      }
    }
    level = next
  }
  return planned
}

const urgency: Readonly<Record<PackageState, number>> = {
  "to-build": 0,
  "to-fetch": 1,
  "in-cache": 2,
  "on-builder": 3,
}

/** What people read of it. */
export const describePlan = (
  graph: DerivationGraph,
  target: Target,
  recognisedAs: string,
  planned: ReadonlyMap<string, PlannedPath>,
  cut: boolean,
): PackagePlan => {
  const makers = makersOf(graph)
  const own = graph.derivations.get(target.drvPath)
  const direct = new Set((own?.inputs ?? []).flatMap((input) => outputsOf(graph, input)))
  const packages: Array<PlannedPackage> = []
  const count = { "on-builder": 0, "in-cache": 0, "to-fetch": 0, "to-build": 0 }
  let bytesToFetch = planned.get(target.outPath)?.bytesToFetch ?? 0
  for (const [path, { state, bytes, bytesToFetch: moved }] of planned) {
    if (path === target.outPath) continue
    count[state]++
    bytesToFetch += moved
    packages.push({ ...nameOf(path, makers.get(path)), state, direct: direct.has(path), bytes })
  }
  packages.sort(
    (a, b) =>
      Number(b.direct) - Number(a.direct) ||
      urgency[a.state] - urgency[b.state] ||
      (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  )
  return {
    ...nameOf(target.outPath, own),
    state: planned.get(target.outPath)?.state ?? "to-build",
    recognisedAs,
    packages: packages.slice(0, plannedPackagesMost),
    totals: {
      packages: packages.length,
      onBuilder: count["on-builder"],
      inCache: count["in-cache"],
      toFetch: count["to-fetch"],
      toBuild: count["to-build"],
      bytesToFetch,
    },
    cut: cut || graph.cut,
  }
}

/** What a Dockerfile has its steps fetch is known only when they run. */
export const imagePlan = (name: string, recognisedAs: string): PackagePlan => ({
  name: bounded(name),
  version: null,
  state: "to-build",
  recognisedAs,
  packages: [],
  totals: { packages: 0, onBuilder: 0, inCache: 0, toFetch: 0, toBuild: 0, bytesToFetch: 0 },
  cut: false,
})
