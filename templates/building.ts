/** What the tests of templates and builders share: the prepared set, and builds as the builder makes them. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { Effect, Result } from "effect"
import { afterAll, beforeAll, vi } from "vitest"
import { withHashes } from "../agent/src/builder/learn/Learns.ts"
import { recognise } from "../agent/src/builder/recognise/Recognise.ts"
import { readSourceTree } from "../agent/src/builder/SourceTree.ts"
import type { LearnedHash } from "../contract/src/LearnedHash.ts"
import {
  addToStore,
  closureOf,
  describeDerivation,
  fetchTree,
  nixString,
  type PreparedSet,
  prepare,
  realise,
  type StoreTree,
  templatesFolder,
} from "../nixos/embedded/evaluation.ts"

export let set: PreparedSet
export let templates: StoreTree
let work = ""

/** For the tests of a file: all that they may need is there, and each has time to wait for its turn on a busy machine. */
export const usePreparedSet = () => {
  vi.setConfig({ testTimeout: 180_000 })
  beforeAll(async () => {
    work = mkdtempSync(join(tmpdir(), "skypanel-templates-"))
    set = await prepare("--realise", "all")
    templates = await addToStore(set, templatesFolder)
  }, 1_500_000)
  afterAll(() => rmSync(work, { recursive: true, force: true }))
}

/** A folder with these files; `from` a template's, changed by `files`. */
export const folderWith = (name: string, files: Record<string, string>, from?: string) => {
  const folder = mkdtempSync(join(work, `${name}-`))
  if (from) cpSync(join(templatesFolder, from, "source"), folder, { recursive: true })
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}

const addPlan = (settings: unknown) =>
  addToStore(
    set,
    folderWith("plan", {
      "plan.json": JSON.stringify(settings),
      "default.nix": "builtins.fromJSON (builtins.readFile ./plan.json)",
    }),
  )

/** Builds a folder with one of the builders, as for a repository that has no Nix. */
export const describeFolder = async (builder: string, folder: string, start: string | null = null) =>
  describeDerivation(
    set,
    templates,
    `import "\${templates}/builders/${builder}.nix" {
      inherit pkgs;
      src = ${fetchTree(await addToStore(set, folder))};
      name = "service";
      start = ${start === null ? "null" : nixString(start)};
      npmRegistry = ${nixString(set.npmRegistry)};
    }`,
  )

const nowhere = "http://127.0.0.1:9"

/** What a folder is recognised as, by a builder with the embedded set. */
const recognisedIn = async (folder: string, npmRegistry: string, others: string) => {
  const from = { npmRegistry, crates: others, wheels: others }
  const offer = { name: "the embedded set", node: [24], python: "3.11", ...from, cpu: "x64" }
  return Result.getOrThrow(recognise(await Effect.runPromise(readSourceTree(folder)), offer))
}

/** What a builder would learn of the folder. */
export const learnsOf = async (folder: string, npmRegistry = set.npmRegistry) =>
  (await recognisedIn(folder, npmRegistry, nowhere)).learns ?? []

/**
 * Builds a folder as the builder does with a repository: what is recognised decides, and nothing else. `others`: where
 * crates and wheels come from. `learned`: hashes of what its lock files have none of.
 */
export const describeRepository = async (
  folder: string,
  npmRegistry = set.npmRegistry,
  others = nowhere,
  learned: ReadonlyArray<LearnedHash> = [],
) => {
  const { kind, folder: place, settings, learns = [] } = await recognisedIn(folder, npmRegistry, others)
  return describeDerivation(
    set,
    templates,
    `import "\${templates}/builders/${kind}.nix" ({
      inherit pkgs;
      src = ${fetchTree(await addToStore(set, folder))} + ${nixString(place === "" ? "" : `/${place}`)};
      name = "service";
      npmRegistry = ${nixString(npmRegistry)};
    } // (import ${fetchTree(await addPlan({ ...settings, learns: withHashes(learns, learned) }))}))`,
  )
}

export const build = async (description: Promise<{ drvPath: string; mainProgram: string | null }>) => {
  const { drvPath, mainProgram } = await description
  const output = await realise(set, drvPath)
  return { output, program: `${output}/bin/${mainProgram}`, closure: await closureOf(set, output) }
}

export const buildTemplate = (name: string) =>
  build(describeDerivation(set, templates, `import "\${templates}/${name}" { inherit pkgs; }`))

/** Store paths by their names without hash and version. */
export const bare = (closure: ReadonlyArray<string>) =>
  closure.map((path) => path.slice(44).replace(/-\d.*/, "")).sort()
