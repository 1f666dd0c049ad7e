import { execFile } from "node:child_process"
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { promisify } from "node:util"

const run = promisify(execFile)

export type Files = Readonly<Record<string, string | Buffer | { readonly copy: string }>>

/** A Nix store of a test's own, in a folder; `/nix` is not touched. */
export interface TestNixStore {
  readonly folder: string
  readonly nix: (...args: ReadonlyArray<string>) => Promise<string>
  /** Adds a folder that refers to nothing; gives its store path. All files are executable. */
  readonly add: (name: string, files: Files) => Promise<string>
  /** Adds a folder as it is. */
  readonly addFolder: (name: string, folder: string) => Promise<string>
  /** Adds a text file that refers to the store paths in it. */
  readonly write: (name: string, text: string, references: ReadonlyArray<string>) => Promise<string>
  readonly copyTo: (url: string, ...paths: ReadonlyArray<string>) => Promise<string>
  readonly remove: () => void
}

const writeFiles = (folder: string, files: Files): void => {
  for (const [path, contents] of Object.entries(files)) {
    const target = join(folder, path)
    mkdirSync(dirname(target), { recursive: true })
    if (typeof contents === "string" || Buffer.isBuffer(contents)) writeFileSync(target, contents)
    else copyFileSync(contents.copy, target)
    chmodSync(target, 0o755)
  }
}

export const makeNixStore = (): TestNixStore => {
  const folder = mkdtempSync(join(tmpdir(), "skypanel-nix-"))
  const home = join(folder, "home")
  const store = join(folder, "store")
  mkdirSync(home)
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    NIX_CONF_DIR: home,
    NIX_CONFIG:
      "experimental-features = nix-command\nbuild-users-group =\nsubstituters =\nnetrc-file = /dev/null",
  }
  const options = { env, cwd: folder, timeout: 60_000, maxBuffer: 64 * 1024 * 1024 }
  const nix = async (...args: ReadonlyArray<string>) =>
    (await run("nix", ["--store", store, ...args], options)).stdout
  const evaluate = async (expression: string) => {
    const args = ["--store", store, "--eval", "--read-write-mode", "--expr", expression]
    return JSON.parse((await run("nix-instantiate", args, options)).stdout) as string
  }
  const addFolder = (name: string, source: string) =>
    evaluate(`"\${builtins.path { path = ${source}; name = "${name}"; }}"`)
  let count = 0
  return {
    addFolder,
    folder: store,
    nix,
    add: (name, files) => {
      const source = join(folder, `source-${++count}`)
      mkdirSync(source)
      writeFiles(source, files)
      return addFolder(name, source)
    },
    write: (name, text, references) => {
      const sources = references.map((path) => `"\${builtins.storePath "${path}"}"`).join(" ")
      const texts = JSON.stringify(text).replaceAll("${", "\\${")
      return evaluate(
        `"\${builtins.toFile "${name}" (${texts} + builtins.concatStringsSep " " [ ${sources} ])}"`,
      )
    },
    copyTo: (url, ...paths) => nix("copy", "--to", url, ...paths),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
