import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { InvalidNar, NarReader, type NarVisitor, narLimits } from "./NarReader.ts"
import { directory, file, narOf, type Tree, text } from "./nar.ts"
import { cut, sizesArbitrary, treeArbitrary } from "./testing/trees.ts"

type Seen = Array<readonly [string, ...ReadonlyArray<unknown>]>

class Recorder implements NarVisitor {
  readonly seen: Seen = []
  directory(path: string) {
    this.seen.push(["directory", path])
  }
  symlink(path: string, target: string) {
    this.seen.push(["symlink", path, target])
  }
  regular(path: string, executable: boolean, size: number) {
    this.seen.push(["file", path, executable, size, Buffer.alloc(0)])
  }
  contents(bytes: Buffer) {
    const [kind, path, executable, size, before] = this.seen.pop()!
    this.seen.push([kind, path, executable, size, Buffer.concat([before as Buffer, bytes])])
  }
}

const read = (pieces: ReadonlyArray<Buffer>, limits = narLimits): Seen => {
  const recorder = new Recorder()
  const reader = new NarReader(recorder, limits)
  for (const piece of pieces) reader.push(piece)
  reader.end()
  return recorder.seen
}

const events = (tree: Tree, path = ""): Seen =>
  tree.kind === "directory"
    ? [
        ["directory", path],
        ...tree.entries.flatMap(([name, child]) => events(child, path === "" ? name : `${path}/${name}`)),
      ]
    : tree.kind === "symlink"
      ? [["symlink", path, tree.target]]
      : [["file", path, tree.executable, tree.contents.length, tree.contents]]

const refusal = (...pieces: ReadonlyArray<Buffer>): string => {
  try {
    read(pieces)
    return "accepted"
  } catch (error) {
    if (!(error instanceof InvalidNar)) throw error
    return error.message
  }
}

const unordered = (...names: ReadonlyArray<string>) =>
  narOf({ kind: "directory", entries: names.map((name) => [name, file("x")]) })

const nested = (depth: number): Tree => (depth === 0 ? file("x") : directory({ d: nested(depth - 1) }))

describe("reading a Nix archive", () => {
  it("finds every file, however the bytes arrive", () => {
    fc.assert(
      fc.property(treeArbitrary, sizesArbitrary, (tree, sizes) => {
        expect(read(cut(narOf(tree), sizes))).toEqual(events(tree))
      }),
    )
  })

  it("refuses an archive that is cut off anywhere, or goes on", () => {
    fc.assert(
      fc.property(
        treeArbitrary,
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (tree, part) => {
          const nar = narOf(tree)
          expect(refusal(nar.subarray(0, Math.floor(nar.length * part)))).toBe("it ends too early")
          expect(refusal(nar, Buffer.from([0]))).toBe("there are bytes after its end")
          expect(refusal(Buffer.concat([nar, nar]))).toBe("there are bytes after its end")
        },
      ),
    )
  })

  it("answers any bytes with an end or a refusal", () => {
    fc.assert(
      fc.property(
        treeArbitrary,
        fc.nat(),
        fc.uint8Array({ minLength: 1, maxLength: 9 }),
        (tree, at, bytes) => {
          const nar = narOf(tree)
          Buffer.from(bytes).copy(nar, at % nar.length)
          expect(typeof refusal(nar)).toBe("string")
        },
      ),
      { numRuns: 500 },
    )
  })

  it.each([
    [unordered("."), "a file has no valid name"],
    [unordered(".."), "a file has no valid name"],
    [unordered(""), "a file has no valid name"],
    [unordered("a/b"), "a file name has a slash or a zero byte"],
    [unordered("a\0"), "a file name has a slash or a zero byte"],
    [unordered("a", "a"), "a folder holds the same name twice"],
    [unordered("b", "a"), "the names in a folder are not sorted"],
    [unordered("x".repeat(256)), "a name is longer than 255 bytes"],
    [narOf(nested(65)), "folders are nested deeper than 64"],
    [narOf({ kind: "symlink", target: "" }), "a symbolic link has no valid target"],
    [narOf({ kind: "symlink", target: "a\0b" }), "a symbolic link has no valid target"],
    [Buffer.concat(["nix-archive-1", "(", "type", "fifo"].map(text)), "it has a file of an unknown type"],
  ])("refuses what Nix would not write (%#)", (nar, why) => {
    expect(refusal(nar)).toBe(why)
  })

  it("accepts folders nested as deep as is allowed, and refuses 100,000 without running out of stack", () => {
    expect(refusal(narOf(nested(64)))).toBe("accepted")
    const level = Buffer.concat(["(", "type", "directory", "entry", "(", "name", "d", "node"].map(text))
    const deep = Buffer.concat([text("nix-archive-1"), ...Array.from({ length: 100_000 }, () => level)])
    expect(refusal(deep)).toBe("folders are nested deeper than 64")
  })

  it("refuses a file of 2^63 bytes at its length, before its contents", () => {
    const length = Buffer.alloc(8)
    length.writeBigUInt64LE(2n ** 63n)
    const nar = Buffer.concat([...["nix-archive-1", "(", "type", "regular", "contents"].map(text), length])
    expect(refusal(nar)).toBe(`a file is longer than ${narLimits.fileBytes} bytes`)
  })

  it("refuses padding that is not zero", () => {
    const nar = narOf(file("x"))
    nar[nar.indexOf("x".charCodeAt(0), 96) + 1] = 1
    expect(refusal(nar)).toBe("its padding is not zero")
  })

  it("refuses more files than the limit", () => {
    const tree = directory({ a: file("1"), b: file("2") })
    expect(() => read([narOf(tree)], { ...narLimits, entries: 2 })).toThrow("more than 2 files")
    expect(read([narOf(tree)], { ...narLimits, entries: 3 })).toHaveLength(3)
  })
})
