import { execFile } from "node:child_process"
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

/** Puts a folder in the store under the name by which `fetchTree` takes it as it is. */
export const addToStore = async (set: PreparedSet, folder: string): Promise<StoreTree> => {
  const place = await mkdtemp(join(tmpdir(), "skypanel-source-"))
  try {
    const source = join(place, "source")
    await mkdir(source)
    const filter = (path: string) => basename(path) !== "node_modules"
    await cp(folder, source, { recursive: true, filter })
    const path = await nix(set, "nix-store", ["--add", source])
    const hash = await nix(set, "nix-store", ["-q", "--hash", path])
    return { path, narHash: await nix(set, "nix", ["hash", "to-sri", hash]) }
  } finally {
    await rm(place, { recursive: true, force: true })
  }
}

export const nixString = (text: string) => JSON.stringify(text).replaceAll("${", "\\${")

export const fetchTree = ({ path, narHash }: StoreTree) =>
  `(builtins.fetchTree { type = "path"; path = ${nixString(path)}; narHash = ${nixString(narHash)}; }).outPath`

/** Evaluates an expression over `pkgs` and `templates`, purely; the value must be plain data. */
export const evaluate = async (set: PreparedSet, templates: StoreTree, expression: string) => {
  const text = `let
    pkgs = import ${fetchTree({ path: set.entry, narHash: set.narHash })} { };
    templates = ${fetchTree(templates)};
  in ${expression}`
  const flags = ["--eval", "--strict", "--json", "--read-write-mode", "-E", text]
  return JSON.parse(await nix(set, "nix-instantiate", flags))
}

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
