import { execFileSync } from "node:child_process"
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { FolderReader } from "@skypanel/contract/folder/FolderReader"
import { Effect } from "effect"
import fc from "fast-check"
import { afterAll, describe, expect, test } from "vitest"
import { listFolder } from "./listFolder.ts"
import { digestFolder, packFolder } from "./packFolder.ts"

const folders: Array<string> = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

const make = (files: Readonly<Record<string, string>>): string => {
  const root = mkdtempSync(join(tmpdir(), "skypanel-folder-"))
  folders.push(root)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}

const git = (root: string, ...args: ReadonlyArray<string>) =>
  execFileSync("git", ["-C", root, ...args], {
    encoding: "utf8",
    env: { PATH: process.env.PATH, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" },
  })

const asGit = (root: string) => {
  git(root, "init", "--quiet")
  return git(root, "ls-files", "-z", "--others", "--exclude-standard").split("\0").filter(Boolean).sort()
}

const listed = async (root: string) =>
  (await Effect.runPromise(listFolder(root))).entries.map(({ path }) => path).sort()

const refusal = (root: string) =>
  Effect.runPromise(Effect.flip(listFolder(root))).then(({ message }) => message)

describe("what .gitignore names stays here, as Git understands it:", () => {
  const files = {
    "keep.txt": "",
    "a.log": "",
    "b/a.log": "",
    "b/keep.log": "",
    "build/out.js": "",
    "src/build/out.js": "",
    "src/.env": "",
    "src/deep/er/x.tmp": "",
    "docs/a b.md": "",
    "docs/[x].md": "",
    "#hash": "",
    "!bang": "",
    "UPPER.LOG": "",
  }
  test.each<[string, Readonly<Record<string, string>>]>([
    ["a name at every level", { ".gitignore": "*.log" }],
    ["a folder", { ".gitignore": "build/" }],
    ["a folder at the top only", { ".gitignore": "/build/" }],
    ["an exception", { ".gitignore": "*.log\n!keep.log" }],
    ["no exception in a folder that is ignored", { ".gitignore": "b/\n!b/keep.log" }],
    ["an exception below a pattern of its files", { ".gitignore": "b/*\n!b/keep.log" }],
    ["one further down that takes back", { ".gitignore": "*.log", "b/.gitignore": "!keep.log" }],
    ["one further down that adds", { "src/.gitignore": ".env\n/deep/**/*.tmp" }],
    ["a folder that one further down takes back", { ".gitignore": "er/", "src/deep/.gitignore": "!er/" }],
    ["everything but", { ".gitignore": "/*\n!/src/\n!/keep.txt" }],
    [
      "spaces, brackets, comments",
      { ".gitignore": "docs/a\\ b.md\n\\[x\\].md\n# nothing\n\\#hash\n\\!bang  " },
    ],
    ["two stars", { ".gitignore": "**/build\nsrc/**/x.tmp" }],
    ["case", { ".gitignore": "*.LOG" }],
    ["Windows line ends", { ".gitignore": "*.log\r\nbuild/\r\n" }],
  ])("%s", async (_, rules) => {
    const root = make({ ...files, ...rules })
    expect(await listed(root)).toEqual(asGit(root))
  })

  test("whatever the patterns", { timeout: 60_000 }, async () => {
    const part = fc.constantFrom("a", "b", "c", "*", "?", "a*", "*.c", "**", "[ab]")
    const pattern = fc
      .record({
        negated: fc.boolean(),
        top: fc.boolean(),
        parts: fc.array(part, { minLength: 1, maxLength: 3 }),
        folder: fc.boolean(),
      })
      .map(
        ({ negated, top, parts, folder }) =>
          `${negated ? "!" : ""}${top ? "/" : ""}${parts.join("/")}${folder ? "/" : ""}`,
      )
    const rules = fc.array(pattern, { maxLength: 4 }).map((patterns) => patterns.join("\n"))
    const name = fc.constantFrom("a", "b", "c", "a.c", "ab")
    const tree = fc.uniqueArray(fc.array(name, { minLength: 1, maxLength: 4 }), {
      selector: (path) => path.join("/"),
      minLength: 1,
      maxLength: 10,
    })
    await fc.assert(
      fc.asyncProperty(tree, rules, rules, async (paths, top, below) => {
        const all = paths.map((path) => path.join("/"))
        const leaves = all.filter((path) => !all.some((other) => other.startsWith(`${path}/`)))
        const root = make({
          ...Object.fromEntries(
            leaves.flatMap((path) => [
              [path, ""],
              [`d/${path}`, ""],
            ]),
          ),
          ".gitignore": top,
          "d/.gitignore": below,
        })
        expect(await listed(root).catch(() => [])).toEqual(asGit(root))
      }),
      { numRuns: 60 },
    )
  })

  test("also from above the folder, in a repository", async () => {
    const root = make({
      ".gitignore": "*.log\n/web/out/",
      "web/a.log": "",
      "web/out/x": "",
      "web/index.html": "",
    })
    git(root, "init", "--quiet")
    expect(await listed(join(root, "web"))).toEqual(["index.html"])
  })
})

describe("a folder", () => {
  test("is packed the same whenever its files are, and comes out as it was", async () => {
    const files = { "b.txt": "two", "a/x.sh": "#!/bin/sh", [`${"long/".repeat(30)}x`]: "deep", "é.txt": "é" }
    const [one, two] = [make(files), make(Object.fromEntries(Object.entries(files).reverse()))]
    for (const root of [one, two]) {
      chmodSync(join(root, "a/x.sh"), 0o755)
      symlinkSync("../b.txt", join(root, "a/link"))
    }
    const folder = await Effect.runPromise(listFolder(one))
    expect(await digestFolder(folder)).toEqual(await digestFolder(await Effect.runPromise(listFolder(two))))
    const found: Record<string, string> = {}
    const reader = new FolderReader({
      entry: (entry) => {
        found[entry.path] = entry.kind === "link" ? `-> ${entry.target}` : entry.executable ? "x " : ""
      },
      content: (bytes) => {
        found[Object.keys(found).at(-1)!] += Buffer.from(bytes).toString()
      },
    })
    for await (const chunk of packFolder(folder)) reader.push(chunk)
    reader.end()
    expect(found).toEqual({ ...files, "a/x.sh": "x #!/bin/sh", "a/link": "-> ../b.txt" })
    // What tar itself makes of it.
    const tar = join(one, "..", `${Math.random()}.tar`)
    const chunks: Array<Uint8Array> = []
    for await (const chunk of packFolder(folder)) chunks.push(chunk)
    writeFileSync(tar, Buffer.concat(chunks))
    const listedByTar = execFileSync("tar", ["--list", "--quoting-style=literal", "--file", tar], {
      encoding: "utf8",
    })
    rmSync(tar)
    expect(listedByTar.trim().split("\n")).toEqual(folder.entries.map(({ path }) => path))
  })

  test("without what is in .git, and without what is no file", async () => {
    const root = make({ ".git/config": "", "sub/.git/config": "", "sub/x": "", ".gitignore": "" })
    execFileSync("mkfifo", [join(root, "pipe")])
    const folder = await Effect.runPromise(listFolder(root))
    expect(folder.entries.map(({ path }) => path)).toEqual([".gitignore", "sub/x"])
    expect(folder.leftOut).toEqual(["pipe"])
  })

  test("is refused with the entry that is the reason", async () => {
    const out = make({ "index.html": "" })
    symlinkSync("/etc/passwd", join(out, "secrets"))
    expect(await refusal(out)).toMatch(/"secrets": it is a link to an absolute path/)
    expect(await refusal(make({}))).toMatch(/no file in it/)
    expect(await refusal("/nonexistent/folder")).toMatch(/There is no folder/)
  })

  test("that changes while it is read is not sent", async () => {
    const root = make({ "a.txt": "short" })
    const folder = await Effect.runPromise(listFolder(root))
    writeFileSync(join(root, "a.txt"), "longer than before")
    await expect(digestFolder(folder)).rejects.toMatchObject({ entry: "a.txt" })
    rmSync(join(root, "a.txt"))
    symlinkSync("/etc/passwd", join(root, "a.txt"))
    await expect(digestFolder(folder)).rejects.toMatchObject({ entry: "a.txt" })
  })
})
