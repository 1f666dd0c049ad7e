import fc from "fast-check"
import { directory, type Tree } from "../nar.ts"

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
