/** A file tree as a NAR holds it. Names are latin1 text: one character is one byte. */
export type Tree =
  | { readonly kind: "file"; readonly contents: Buffer; readonly executable: boolean }
  | { readonly kind: "symlink"; readonly target: string }
  | { readonly kind: "directory"; readonly entries: ReadonlyArray<readonly [string, Tree]> }

export const file = (contents: string | Buffer, executable = false): Tree => ({
  kind: "file",
  contents: Buffer.from(contents as string, "latin1"),
  executable,
})

export const directory = (entries: Record<string, Tree>): Tree => ({
  kind: "directory",
  entries: Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1)),
})

export const text = (value: string | Buffer): Buffer => {
  const bytes = Buffer.isBuffer(value) ? value : Buffer.from(value, "latin1")
  const out = Buffer.alloc(8 + bytes.length + (-bytes.length & 7))
  out.writeBigUInt64LE(BigInt(bytes.length))
  bytes.copy(out, 8)
  return out
}

const node = (tree: Tree): Buffer => {
  if (tree.kind === "symlink")
    return Buffer.concat(["(", "type", "symlink", "target", tree.target, ")"].map(text))
  if (tree.kind === "file") {
    const flag = tree.executable ? ["executable", ""] : []
    return Buffer.concat([
      ...["(", "type", "regular", ...flag, "contents"].map(text),
      text(tree.contents),
      text(")"),
    ])
  }
  return Buffer.concat([
    ...["(", "type", "directory"].map(text),
    ...tree.entries.flatMap(([name, child]) => [
      ...["entry", "(", "name", name, "node"].map(text),
      node(child),
      text(")"),
    ]),
    text(")"),
  ])
}

/** Writes a NAR (see NarReader). Entries are in the order given: a wrong one makes a wrong archive. */
export const narOf = (tree: Tree): Buffer => Buffer.concat([text("nix-archive-1"), node(tree)])
