import fc from "fast-check"

/** A file tree as a NAR holds it; names are latin1 text. For tests. */
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

/** Writes the entries in the order given, so that it can write wrong archives too. */
export const narOf = (tree: Tree): Buffer => Buffer.concat([text("nix-archive-1"), node(tree)])

const nameArbitrary = fc
  .uint8Array({ minLength: 1, maxLength: 20 })
  .map((bytes) =>
    Buffer.from(bytes.map((byte) => (byte === 0 || byte === 47 ? 97 : byte))).toString("latin1"),
  )
  .filter((name) => name !== "." && name !== "..")

export const treeArbitrary: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5, depthSize: "small" },
    fc.record({
      kind: fc.constant("file" as const),
      contents: fc.uint8Array({ maxLength: 3000 }).map((bytes) => Buffer.from(bytes)),
      executable: fc.boolean(),
    }),
    fc.record({ kind: fc.constant("symlink" as const), target: nameArbitrary }),
    fc.dictionary(nameArbitrary, tie("tree"), { maxKeys: 6 }).map(directory),
  ),
})).tree

/** Cuts bytes into pieces of these sizes, the last of which repeats. */
export const cut = (bytes: Buffer, sizes: ReadonlyArray<number>): ReadonlyArray<Buffer> => {
  const pieces: Array<Buffer> = []
  for (let at = 0, n = 0; at < bytes.length; n++) {
    const size = sizes[Math.min(n, sizes.length - 1)]!
    pieces.push(bytes.subarray(at, at + size))
    at += size
  }
  return pieces
}

export const sizesArbitrary = fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1, maxLength: 30 })
