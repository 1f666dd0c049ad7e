import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { Effect } from "effect"
import { expect, test } from "vitest"
import { readSourceTree } from "./SourceTree.ts"

const treeOf = async (
  files: Readonly<Record<string, string>>,
  links: Readonly<Record<string, string>> = {},
) => {
  const folder = await mkdtemp(join(tmpdir(), "skypanel-tree-"))
  try {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await writeFile(join(folder, path), text)
    }
    for (const [path, target] of Object.entries(links)) await symlink(target, join(folder, path))
    const { paths, files: read } = await Effect.runPromise(readSourceTree(folder))
    return { paths: [...paths], read }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

test("a tree is read level by level, and only what tells something", async () => {
  const found = await treeOf({
    "README.md": "words",
    "package.json": "{}",
    "packages/a/package.json": '{"name":"a"}',
    "node_modules/b/package.json": '{"name":"b"}',
    "vendor/modules.txt": "",
  })
  expect(found.paths).toEqual([
    "README.md",
    "node_modules/",
    "package.json",
    "packages/",
    "vendor/",
    "packages/a/",
    "packages/a/package.json",
  ])
  expect(found.read).toEqual({ "package.json": "{}", "packages/a/package.json": '{"name":"a"}' })
})

test("a link is a name, and is not read", async () => {
  const found = await treeOf({ secret: "{}" }, { "package.json": "secret", Procfile: "/etc/passwd" })
  expect(found.paths).toEqual(["Procfile", "package.json", "secret"])
  expect(found.read).toEqual({})
})

test("a file that is too large is a name only, and folders end at a depth", async () => {
  const deep = "a/".repeat(8)
  const found = await treeOf({ "yarn.lock": "x".repeat(5 * 1024 ** 2), [`${deep}package.json`]: "{}" })
  expect(found.paths).toContain("yarn.lock")
  expect(found.read).toEqual({})
})
