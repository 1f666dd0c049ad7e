import { lstat, readdir, readFile, readlink } from "node:fs/promises"
import { join } from "node:path"
import { directory, file, type Tree } from "../domain/artifacts/nar.ts"

/**
 * What of the checkout a worker's flake consists of: what `flake.nix` reads. The agent itself is not among the
 * sources: its bundle comes from AgentBundle, so that a NixOS worker runs the same bytes as any other.
 */
const parts: ReadonlyArray<string> = [
  "flake.nix",
  "flake.lock",
  "package.json",
  "package-lock.json",
  "agent/package.json",
  "agent/permissions.json",
  "cli/package.json",
  "contract/package.json",
  "platform/package.json",
  "ui/package.json",
  "modules",
  "nixos",
  "templates",
]

const isLeftOut = (name: string): boolean =>
  name === "node_modules" || name.endsWith(".test.ts") || name === "result" || name.startsWith(".")

const entriesMost = 5_000

/** Null where there is no such file. */
const read = async (path: string, count: { left: number }): Promise<Tree | null> => {
  const stat = await lstat(path).catch(() => null)
  if (stat === null) return null
  if (count.left-- <= 0) throw new Error(`the flake has more than ${entriesMost} files`)
  if (stat.isSymbolicLink()) return { kind: "symlink", target: await readlink(path, "latin1") }
  if (stat.isFile()) return file(await readFile(path), (stat.mode & 0o100) !== 0)
  if (!stat.isDirectory()) throw new Error(`${path} is neither a file, a folder nor a link`)
  const entries: Record<string, Tree> = {}
  for (const name of await readdir(path, "latin1")) {
    const child = isLeftOut(name) ? null : await read(join(path, name), count)
    if (child !== null) entries[name] = child
  }
  return directory(entries)
}

const put = (tree: Tree, path: ReadonlyArray<string>, child: Tree): Tree => {
  const [name = "", ...rest] = path
  if (tree.kind !== "directory") throw new Error(`${name} is below something that is no folder`)
  const entries = Object.fromEntries(tree.entries)
  return directory({
    ...entries,
    [name]: rest.length === 0 ? child : put(entries[name] ?? directory({}), rest, child),
  })
}

/** The platform's own flake; `more` are files that are not in the checkout, by their paths. */
export const flakeTree = async (
  checkout: string,
  more: ReadonlyMap<string, string | Buffer>,
): Promise<Tree> => {
  const count = { left: entriesMost }
  let tree: Tree = directory({})
  for (const part of parts) {
    const found = await read(join(checkout, part), count)
    if (found !== null) tree = put(tree, part.split("/"), found)
  }
  for (const [path, content] of more) tree = put(tree, path.split("/"), file(content))
  return tree
}
