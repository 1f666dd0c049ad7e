import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { baseLayerTar, storeFolderEntries } from "./baseLayer.ts"
import { NarToTar } from "./NarToTar.ts"
import { directory, file, narOf, type Tree } from "./nar.ts"
import { parseStoreBase } from "./StorePath.ts"
import { tarEnd } from "./tar.ts"
import { cut, sizesArbitrary, treeArbitrary } from "./testing/trees.ts"

const storePath = parseStoreBase(`${"0".repeat(32)}-example`)!

const tarOf = (tree: Tree, sizes: ReadonlyArray<number> = [65_536]): Buffer => {
  const tar = new NarToTar(storePath)
  const pieces = cut(narOf(tree), sizes).flatMap((piece) => tar.push(piece))
  return Buffer.concat([storeFolderEntries, ...pieces, ...tar.end(), tarEnd])
}

const readBack = (path: Buffer): Tree => {
  const found = lstatSync(path)
  if (found.isSymbolicLink()) return { kind: "symlink", target: readlinkSync(path, "latin1") }
  const mode = found.mode & 0o7777
  if (found.isFile()) {
    expect([0o444, 0o555]).toContain(mode)
    return { kind: "file", contents: readFileSync(path), executable: mode === 0o555 }
  }
  expect(mode).toBe(0o555)
  const names = readdirSync(path, "buffer").map((name) => name.toString("latin1"))
  const child = (name: string) => readBack(Buffer.concat([path, Buffer.from(`/${name}`, "latin1")]))
  return directory(Object.fromEntries(names.map((name) => [name, child(name)])))
}

const extract = (tar: Buffer): Tree => {
  const folder = mkdtempSync(join(tmpdir(), "skypanel-tar-"))
  try {
    execFileSync("tar", ["-x", "--no-same-owner", "-p", "-C", folder], {
      input: tar,
      stdio: ["pipe", "pipe", "pipe"],
    })
    return readBack(Buffer.from(join(folder, storePath.path)))
  } finally {
    execFileSync("chmod", ["-R", "u+w", folder])
    rmSync(folder, { recursive: true })
  }
}

describe("the tar of a NAR", () => {
  it("is extracted by tar to the same tree", () => {
    fc.assert(
      fc.property(treeArbitrary, sizesArbitrary, (tree, sizes) => {
        expect(extract(tarOf(tree, sizes))).toEqual(tree)
      }),
      { numRuns: 25 },
    )
  })

  it("holds names, paths and targets of every length", () => {
    const lengths = [1, 54, 55, 56, 99, 100, 101, 155, 156, 200, 255]
    const flat = lengths.map((length) => ["n".repeat(length), file("x")] as const)
    const links = lengths.map(
      (length) => [`l${length}`, { kind: "symlink", target: "t".repeat(length) }] as const,
    )
    const deep = lengths.reduce<Tree>(
      (tree, length) => directory({ ["d".repeat(length)]: tree }),
      file("deep"),
    )
    const tree = directory({ ...Object.fromEntries([...flat, ...links]), deep })
    expect(extract(tarOf(tree))).toEqual(tree)
  })

  it("does not depend on how the bytes arrive, and never on anything but the tree", () => {
    const tree = directory({
      bin: directory({ run: file("#!/bin/sh\n", true) }),
      data: file(Buffer.alloc(100_000, 7)),
      link: { kind: "symlink", target: "bin/run" },
      ["long".repeat(40)]: file("x"),
    })
    const tar = tarOf(tree)
    fc.assert(
      fc.property(sizesArbitrary, (sizes) => {
        expect(tarOf(tree, sizes).equals(tar)).toBe(true)
      }),
    )
    // When this changes, so do all images: count layerFormat up.
    expect(createHash("sha256").update(tar).digest("hex")).toBe(
      "b41a4f99a90a38aa4f2aaabbf192de5d28c672f0106000d458bc3f012473b942",
    )
    expect(createHash("sha256").update(baseLayerTar).digest("hex")).toBe(
      "ba7482c8fb8753908f98a770f94528536d5023bf193493eea2fd4572fb7d78cc",
    )
  })
})

it("gives a base layer that tar lists without complaint", () => {
  const list = execFileSync("tar", ["-tv", "--numeric-owner"], { input: baseLayerTar }).toString()
  expect(list).toContain("drwxrwxrwt 0/0")
  expect(list).toMatch(/-r--r--r-- 0\/0 +\d+ 1970-01-01 \d\d:00 etc\/passwd/)
})
