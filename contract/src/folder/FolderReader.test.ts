import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { comparePaths, type FolderEntry, FolderRefused, pathProblem } from "./FolderEntry.ts"
import { FolderReader } from "./FolderReader.ts"
import { padding, tarEnd, tarHeader } from "./tarHeader.ts"

type Tree = ReadonlyArray<readonly [FolderEntry, Uint8Array]>

const pack = (tree: Tree): Uint8Array =>
  Buffer.concat([
    ...tree.flatMap(([entry, content]) => [...tarHeader(entry), content, padding(content.length)]),
    tarEnd,
  ])

const read = (tar: Uint8Array, step = 1000, limits = {}): Tree => {
  const found: Array<[FolderEntry, Uint8Array]> = []
  const reader = new FolderReader(
    {
      entry: (entry) => found.push([entry, new Uint8Array()]),
      content: (bytes) => {
        const last = found.at(-1)!
        last[1] = new Uint8Array([...last[1], ...bytes])
      },
    },
    limits,
  )
  for (let at = 0; at < tar.length; at += step) reader.push(tar.subarray(at, at + step))
  reader.end()
  return found
}

const file = (path: string, text = "", executable = false): Tree[number] => {
  const content = new Uint8Array(Buffer.from(text))
  return [{ kind: "file", path, bytes: content.length, executable }, content]
}
const link = (path: string, target: string): Tree[number] => [
  { kind: "link", path, target },
  new Uint8Array(),
]

const refusal = (tar: Uint8Array, limits = {}): string => {
  try {
    read(tar, 1000, limits)
  } catch (error) {
    if (error instanceof FolderRefused) return `${error.entry}: ${error.reason}`
    throw error
  }
  return "taken"
}

/** A header with other bytes in it, and the checksum that fits them. */
const changed = (tree: Tree, change: (header: Buffer) => void): Uint8Array => {
  const tar = Buffer.from(pack(tree))
  change(tar)
  tar.write(" ".repeat(8), 148)
  const sum = tar.subarray(0, 512).reduce((all, byte) => all + byte, 0)
  tar.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148)
  return tar
}

const names = fc
  .array(fc.string({ unit: "binary", minLength: 1, maxLength: 90 }), { minLength: 1, maxLength: 6 })
  .map((parts) => parts.join("/"))
  .filter((path) => pathProblem(path) === null && path.isWellFormed())

test("what is packed comes out again, in whatever pieces it comes", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(names, fc.uint8Array({ maxLength: 1500 }), fc.boolean()), {
        selector: ([path]) => path,
        maxLength: 12,
      }),
      fc.integer({ min: 1, max: 2000 }),
      (files, step) => {
        const paths = files.map(([path]) => path)
        const tree = files
          .filter(([path]) => !paths.some((other) => path.startsWith(`${other}/`)))
          .sort(([a], [b]) => comparePaths(a, b))
          .map(([path, content, executable], index): Tree[number] =>
            index % 4 === 3
              ? link(path, "long/".repeat(index * 5).concat("x"))
              : [{ kind: "file", path, bytes: content.length, executable }, content],
          )
        expect(read(pack(tree), step)).toEqual(tree)
      },
    ),
    { numRuns: 200 },
  )
})

describe("refused, and named:", () => {
  test.each([
    ["..", pack([file("a/../../b")]), /a\/\.\.\/\.\.\/b.*through/],
    ["an absolute name", pack([file("/etc/passwd")]), /absolute/],
    ["a name with nothing in it", pack([file("a//b")]), /through/],
    ["what is in .git", pack([file("a/.GIT/config")]), /\.git/],
    ["a long name", pack([file("x".repeat(256))]), /longer than 255/],
    ["a long path", pack([file("xxxxxxx/".repeat(150).concat("x"))]), /longer than 1024/],
    ["a link out", pack([link("a/b", "../../x")]), /leads out/],
    ["an absolute link", pack([link("a", "/etc/passwd")]), /absolute path/],
    ["a link out through another", pack([link("l", "sub/up/..")]), /in its middle/],
    ["a file in a link", pack([link("a", "b"), file("a/x")]), /no folder/],
    ["a file in a file", pack([file("a"), file("a-b"), file("a/x")]), /no folder/],
    ["the same twice", pack([file("a"), file("a")]), /twice/],
    ["what is not sorted", pack([file("b"), file("a")]), /sorted/],
    ["a device", changed([file("null")], (tar) => tar.write("3", 156)), /null: it is neither/],
    ["a pipe", changed([file("pipe")], (tar) => tar.write("6", 156)), /neither/],
    ["a hard link", changed([link("hard", "b")], (tar) => tar.write("1", 156)), /hard: it is a hard link/],
    ["a GNU long name", changed([file("a")], (tar) => tar.write("L", 156)), /neither/],
    ["a name that is not UTF-8", changed([file("aa")], (tar) => tar.writeUInt8(0xff, 0)), /UTF-8/],
    ["a damaged header", Buffer.from(pack([file("a")])).fill("z", 0, 1), /damaged/],
    ["a size in base 256", changed([file("a")], (tar) => tar.writeUInt8(0x80, 124)), /damaged/],
    ["half an archive", pack([file("a", "x".repeat(2000))]).subarray(0, 1500), /breaks off/],
    ["what follows the end", Buffer.concat([pack([file("a")]), pack([file("b")])]), /follows/],
    ["zeros without end", Buffer.concat([pack([file("a")]), Buffer.alloc(512 * 60)]), /follows/],
  ])("%s", (_, tar, reason) => expect(refusal(tar)).toMatch(reason))

  test("more files or bytes than there may be, at once", () => {
    expect(refusal(pack([file("a"), file("b"), file("c")]), { files: 2 })).toMatch(/c: .*more than 2/)
    expect(refusal(pack([file("a", "12345")]), { bytes: 4 })).toMatch(/a: .*larger than 4/)
    // Headers that belong to no entry are none the less headers.
    const [pax, text] = tarHeader({ ...file("x".repeat(120))[0], kind: "file", bytes: 0, executable: false })
    const headers = Buffer.concat(Array.from({ length: 7 }, () => Buffer.concat([pax!, text!])))
    expect(refusal(Buffer.concat([headers, tarEnd]), { files: 2 })).toMatch(/too many headers/)
    // The size that a header says is what counts: nobody waits for the content.
    const bomb = changed([file("zeros")], (tar) => tar.write("77777777777\0", 124))
    expect(refusal(bomb.subarray(0, 512))).toMatch(/zeros: .*larger/)
  })
})

test("links may lead anywhere inside", () => {
  const tree = [link("a/b/up", "../../c"), file("c"), link("d", "./a//b"), link("e/self", "..")]
  expect(read(pack(tree)).length).toBe(4)
})
