import { createHash } from "node:crypto"
import { promisify } from "node:util"
import { gzip } from "node:zlib"
import { narOf, type Tree } from "../domain/artifacts/nar.ts"
import { paddingOf, tarEnd, tarHeader } from "../domain/artifacts/tar.ts"

const entryOf = (path: string, tree: Tree): ReadonlyArray<Buffer> => {
  if (tree.kind === "symlink") return [tarHeader({ kind: "symlink", path, target: tree.target })]
  if (tree.kind === "directory")
    return [
      tarHeader({ kind: "directory", path, mode: 0o755 }),
      ...tree.entries.flatMap(([name, child]) => entryOf(`${path}/${name}`, child)),
    ]
  const size = tree.contents.length
  return [
    tarHeader({ kind: "file", path, size, mode: tree.executable ? 0o755 : 0o644 }),
    tree.contents,
    Buffer.alloc(paddingOf(size)),
  ]
}

/** A `.tar.gz` of a tree in one folder, as Nix wants tarballs of flakes; the same tree gives the same bytes. */
export const tarballOf = (tree: Tree, folder: string): Promise<Buffer> =>
  promisify(gzip)(Buffer.concat([...entryOf(folder, tree), tarEnd]), { level: 9 })

/** The hash by which Nix knows a tree, in SRI form. */
export const narHashOf = (tree: Tree): string =>
  `sha256-${createHash("sha256").update(narOf(tree)).digest("base64")}`
