import { execFile } from "node:child_process"
import { existsSync } from "node:fs"
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { promisify } from "node:util"

const execute = promisify(execFile)
const root = join(import.meta.dirname, "..", "..")

/** What `prepare.mjs` prints. */
export interface PreparedSet {
  readonly entry: string
  readonly narHash: string
  readonly system: string
  readonly npmRegistry: string
  readonly sandboxShell: string
}

/** A folder in the Nix store, as a pure evaluation may name it. */
export interface StoreTree {
  readonly path: string
  readonly narHash: string
}

export interface Description {
  readonly drvPath: string
  readonly output: string
  readonly name: string
  readonly pname: string
  readonly mainProgram: string | null
}

/** Kept between runs, so that only the first one on a machine downloads and builds. */
export const dataFolder = join(tmpdir(), "skypanel-embedded-set")

export const prepare = async (...flags: ReadonlyArray<string>): Promise<PreparedSet> => {
  const program = join(root, "nixos", "embedded", "prepare.mjs")
  const { stdout } = await execute(process.execPath, [program, "--data", dataFolder, ...flags], {
    timeout: 1_500_000,
    maxBuffer: 16 * 1024 * 1024,
  })
  return JSON.parse(stdout)
}

/** The settings under which a builder evaluates and builds. */
const settings = (set: PreparedSet) =>
  [
    "experimental-features = nix-command flakes",
    "sandbox = true",
    "sandbox-fallback = false",
    "build-users-group =",
    "substituters =",
    "allow-import-from-derivation = false",
    "pure-eval = true",
    `sandbox-paths = /bin/sh=${set.sandboxShell}`,
  ].join("\n")

const nix = async (set: PreparedSet, program: string, args: ReadonlyArray<string>) => {
  const options = {
    env: { ...process.env, NIX_CONFIG: settings(set), NIX_PATH: "" },
    timeout: 600_000,
    maxBuffer: 64 * 1024 * 1024,
  }
  return (await execute(program, args, options)).stdout.trim()
}

/** Puts what `fill` writes into a folder in the store, under the name by which `fetchTree` takes it as it is. */
const addTree = async (set: PreparedSet, fill: (source: string) => Promise<void>): Promise<StoreTree> => {
  const place = await mkdtemp(join(tmpdir(), "skypanel-source-"))
  try {
    const source = join(place, "source")
    await mkdir(source)
    await fill(source)
    const path = await nix(set, "nix-store", ["--add", source])
    const hash = await nix(set, "nix-store", ["-q", "--hash", path])
    return { path, narHash: await nix(set, "nix", ["hash", "to-sri", hash]) }
  } finally {
    await rm(place, { recursive: true, force: true })
  }
}

export const addToStore = (set: PreparedSet, folder: string): Promise<StoreTree> =>
  addTree(set, (source) =>
    cp(folder, source, { recursive: true, filter: (path) => basename(path) !== "node_modules" }),
  )

/** This repository as a flake sees it: what Git knows of, or would take. */
export const addRepository = (set: PreparedSet): Promise<StoreTree> =>
  addTree(set, async (source) => {
    const { stdout } = await execute(
      "git",
      ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
      {
        cwd: root,
        maxBuffer: 16 * 1024 * 1024,
      },
    )
    for (const file of stdout.split("\0").filter((name) => existsSync(join(root, name)) && name !== ""))
      await cp(join(root, file), join(source, file))
  })

export const nixString = (text: string) => JSON.stringify(text).replaceAll("${", "\\${")

export const fetchTree = ({ path, narHash }: StoreTree) =>
  `(builtins.fetchTree { type = "path"; path = ${nixString(path)}; narHash = ${nixString(narHash)}; }).outPath`

/** Evaluates an expression over `pkgs` and the tree under its name, purely; the value must be plain data. */
export const evaluateWith = async (set: PreparedSet, name: string, tree: StoreTree, expression: string) => {
  const text = `let
    pkgs = import ${fetchTree({ path: set.entry, narHash: set.narHash })} { };
    ${name} = ${fetchTree(tree)};
  in ${expression}`
  const flags = ["--eval", "--strict", "--json", "--read-write-mode", "-E", text]
  return JSON.parse(await nix(set, "nix-instantiate", flags))
}

export const evaluate = (set: PreparedSet, templates: StoreTree, expression: string) =>
  evaluateWith(set, "templates", templates, expression)

/** Instantiates the derivation that `expression` gives and tells what the builder needs to know of it. */
export const describeDerivation = (
  set: PreparedSet,
  templates: StoreTree,
  expression: string,
): Promise<Description> =>
  evaluate(
    set,
    templates,
    `import "\${templates}/builders/describe.nix" { inherit pkgs; derivation = ${expression}; }`,
  )

export const realise = (set: PreparedSet, drvPath: string) => nix(set, "nix-store", ["--realise", drvPath])

export const closureOf = async (set: PreparedSet, path: string) =>
  (await nix(set, "nix-store", ["-qR", path])).split("\n")

/** Standard error of a command that must fail. */
export const failureOf = async (attempt: Promise<unknown>): Promise<string> => {
  try {
    await attempt
  } catch (error) {
    return (error as { stderr?: string }).stderr ?? String(error)
  }
  throw new Error("it was expected to fail, and did not")
}

export const templatesFolder = join(root, "templates")
