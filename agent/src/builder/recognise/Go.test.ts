import { describe, expect, test } from "vitest"
import { lockDigest, unknownOf, withHashes } from "../learn/Learns.ts"
import { failure, recognised, recognisedFor } from "./testing/trees.ts"

const sum = (letter: string) => `h1:${letter.repeat(43)}=`
const goMod =
  'module example.org/shop\n\ngo 1.22\n\nrequire (\n\texample.org/dep v1.2.3 // a comment\n\t"gopkg.in/yaml.v2" v2.4.0\n)\n'
const goSum = [
  `example.org/dep v1.2.3 ${sum("A")}`,
  `example.org/dep v1.2.3/go.mod ${sum("B")}`,
  `github.com/BurntSushi/toml v0.0.0-20240101000000-abcdefabcdef+incompatible/go.mod ${sum("C")}`,
  "",
].join("\n")

describe("modules of Go", () => {
  test("are those of go.sum, each with its hash and line", () => {
    const { reasoning, learns, settings } = recognised({ "go.mod": goMod, "go.sum": goSum })
    expect(reasoning).toEqual([
      "go.mod → a Go module for Go 1.22",
      "go.sum → 1 module",
      "nothing says how it starts → its one program is started",
    ])
    expect(settings.isChecked).toBe(true)
    expect(learns).toEqual([
      {
        kind: "go-modules",
        subject: "go.sum",
        lock: lockDigest(goSum),
        name: "go-modules",
        files: [
          { path: "example.org/dep", version: "v1.2.3", kind: "zip", sum: sum("A"), file: "go.sum", line: 1 },
          { path: "example.org/dep", version: "v1.2.3", kind: "mod", sum: sum("B"), file: "go.sum", line: 2 },
          {
            path: "github.com/BurntSushi/toml",
            version: "v0.0.0-20240101000000-abcdefabcdef+incompatible",
            kind: "mod",
            sum: sum("C"),
            file: "go.sum",
            line: 3,
          },
        ],
      },
    ])
  })
  test("are left to a vendor folder, or to folders of the repository", () => {
    expect(recognised({ "go.mod": goMod, "go.sum": goSum, "vendor/modules.txt": "" }).learns).toEqual([])
    const local =
      "module x\nrequire(\nexample.org/a v0.0.0\n)\nreplace example.org/a v0.0.0 => ./libraries/a\n"
    expect(recognised({ "go.mod": local }).reasoning).toContain("no `require` → no dependencies")
    const outside = failure({ "go.mod": local.replace("./", "../") })
    expect(outside.title).toBe(
      "go.mod, line 5: the folder ../libraries/a is not in the folder that is built.",
    )
  })
  test("are replaced by a folder in the version that is named, or in all that have none of their own", () => {
    const needs = (...replacements: ReadonlyArray<string>) => {
      const lines = replacements.map((each) => `replace ${each}\n`).join("")
      const text = `module x\nrequire example.org/a v1.1.0\n${lines}`
      const found = recognisedFor({}, { "go.mod": text, "a/go.mod": "module a\n" })
      return "title" in found && found.title.includes("there is neither a go.sum nor a vendor folder")
    }
    expect(needs("example.org/a => ./a")).toBe(false)
    expect(needs("example.org/a v1.1.0 => ./a")).toBe(false)
    expect(needs("example.org/a v1.0.0 => ./a")).toBe(true)
    expect(needs("example.org/a v1.0.0 => ./a", "example.org/a v1.1.0 => ./a")).toBe(false)
    expect(needs("example.org/a => ./a", "example.org/a v1.1.0 => example.org/b v1.0.0")).toBe(true)
    expect(needs("example.org/a => example.org/b v1.0.0", "example.org/a v1.1.0 => ./a")).toBe(false)
  })
  test("need a go.sum, and say in which line they are asked for", () => {
    expect(failure({ "go.mod": goMod })).toMatchObject({
      title: "go.mod, line 6: it requires modules, and there is neither a go.sum nor a vendor folder.",
      location: { file: "go.mod", line: 6, column: 1 },
    })
    expect(failure({ "go.mod": goMod }, "go.sum").title).toContain("larger than 4 MiB")
  })
  test("leave aside what Go leaves aside: a hash of nothing, another kind of hash, Go itself", () => {
    const aside = [
      "example.org/old v1.0.0/go.mod h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydY=",
      `example.org/new v1.0.0 h2:${"A".repeat(43)}=`,
      `golang.org/toolchain v0.0.1-go1.22.0.linux-amd64 ${sum("A")}`,
    ]
    const { learns } = recognised({ "go.mod": goMod, "go.sum": `${goSum}${aside.join("\n")}\n` })
    expect(learns![0]!.files).toHaveLength(3)
  })
  test.each([
    ["a word too many", `example.org/a v1.0.0 ${sum("A")} x`, "no module"],
    ["a path that leads out", `example.org/../../etc v1.0.0 ${sum("A")}`, "no module"],
    ["a path into the cache", `cache/download v1.0.0 ${sum("A")}`, "no module"],
    ["a version that is a path", `example.org/a v1.0.0/../x ${sum("A")}`, "no module"],
    ["half a hash", "example.org/a v1.0.0 h1:abc", "no hash"],
    ["two hashes of one", `example.org/dep v1.2.3 ${sum("B")}`, "has another hash in line 1"],
    ["a line without an end", `${"x".repeat(2000)}`, "too long"],
  ])("with %s are refused", (_, line, title) => {
    const found = failure({ "go.mod": goMod, "go.sum": `${goSum}${line}\n` })
    expect(found.title).toContain("go.sum, line 4: ")
    expect(found.title).toContain(title)
  })
})

describe("a go.work", () => {
  const work = "go 1.22\n\nuse (\n\t./api // a comment\n\t./lib\n)\n"
  const files = {
    "go.work": work,
    "api/go.mod":
      "module example.org/shop/api\nrequire (\nexample.org/shop/lib v0.0.0\nexample.org/dep v1.2.3\n)\n",
    "api/main.go": "",
    "api/go.sum": `example.org/dep v1.2.3 ${sum("A")}\n`,
    "lib/go.mod": "module example.org/shop/lib\nrequire example.org/other v1.0.0\n",
    "lib/go.sum": `example.org/dep v1.2.3 ${sum("A")}\nexample.org/other v1.0.0/go.mod ${sum("B")}\n`,
    "go.work.sum": `example.org/third v1.0.0 ${sum("C")}\n`,
  }

  test("is built with all of its modules, and what any of them needs", () => {
    const { folder, learns, reasoning, settings } = recognised({
      ...files,
      "skypanel.toml": '[build]\npath = "api"\n',
    })
    expect(folder).toBe("")
    expect(settings).toMatchObject({ isWorkspace: true, member: "api", runFolder: "api", isChecked: true })
    expect(reasoning).toEqual([
      "skypanel.toml, [build] path → api",
      "go.work → 2 modules, of which api is built",
      "api/go.mod → a Go module",
      "go.work.sum, api/go.sum, lib/go.sum → 2 modules",
      "nothing says how it starts → its one program is started",
    ])
    expect(learns).toMatchObject([{ kind: "go-modules", subject: "go.work" }])
    const named = (learns![0]!.files as ReadonlyArray<{ path: string; file: string; line: number }>).map(
      ({ path, file, line }) => `${path} ${file}:${line}`,
    )
    expect(named).toEqual([
      "example.org/third go.work.sum:1",
      "example.org/dep api/go.sum:1",
      "example.org/other lib/go.sum:2",
    ])
    const other = { ...files, "lib/go.sum": `example.org/dep v1.2.3 ${sum("D")}\n` }
    expect(failure(other).title).toBe(
      "lib/go.sum, line 1: example.org/dep v1.2.3 has another hash in api/go.sum, line 1.",
    )
  })
  test("without a go.mod beside it is the one module with a program, or has to be named", () => {
    expect(recognised(files).settings).toMatchObject({ member: "api", runFolder: "" })
    expect(failure({ ...files, "lib/cmd/tool/main.go": "" })).toMatchObject({
      code: "no-command",
      title: "This is a Go workspace with the modules api, lib, but nothing says how it starts.",
      next: 'Name the one with the service in a skypanel.toml: `[build]`, `path = "api"`.',
    })
  })
  test("needs no go.sum for its own modules, and has no say in others or in what has its vendor folder", () => {
    const local = {
      "go.work": "use ./api\nuse ./lib\n",
      "api/go.mod": "module a\nrequire example.org/lib v0.0.0\n",
      "api/main.go": "",
      "lib/go.mod": "module example.org/lib\n",
    }
    expect(recognised(local)).toMatchObject({ learns: [], settings: { member: "api" } })
    const path = (folder: string) => ({ "skypanel.toml": `[build]\npath = "${folder}"\n` })
    const vendored = { ...local, ...path("api"), "api/vendor/modules.txt": "" }
    expect(recognised(vendored)).toMatchObject({
      folder: "api",
      settings: { isWorkspace: false, member: "" },
    })
    const apart = { ...local, ...path("apart"), "apart/go.mod": "module b\n" }
    expect(recognised(apart)).toMatchObject({ folder: "apart", settings: { isWorkspace: false } })
  })
  test.each([
    ["leads out", "use ../lib\n", "go.work, line 1: there is no module ../lib in the folder of the go.work."],
    ["is not there", "go 1.22\nuse ./none\n", "go.work, line 2: there is no module ./none"],
    ["has a name for a shell", 'use "./a;b"\n', "go.work, line 1: its folder has characters"],
  ])("with a module that %s is refused", (_, text, title) => {
    expect(failure({ "go.work": text, "a;b/go.mod": "module a\n" }).title).toContain(title)
  })
})

test("a command of [build] is run for Go, too", () => {
  const toml = '[build]\ncommand = "go build -o server ./cmd/server"\n'
  const { settings, reasoning } = recognised({ "go.mod": "module x\n", "skypanel.toml": toml })
  expect(settings.buildCommand).toBe("go build -o server ./cmd/server")
  expect(reasoning).toContain("skypanel.toml, [build] command → go build -o server ./cmd/server")
})

test("what is learned has the hash that the lock file's digest is known by, else none that anything has", () => {
  const { learns = [] } = recognised({ "go.mod": goMod, "go.sum": goSum })
  const known = {
    kind: "go-modules",
    subject: "go.sum",
    lock: learns[0]!.lock,
    hash: "sha256-known",
  } as const
  expect(unknownOf(learns, [known])).toEqual([])
  expect(withHashes(learns, [known])[0]!.hash).toBe("sha256-known")
  for (const other of [
    [],
    [{ ...known, lock: lockDigest("other") }],
    [{ ...known, kind: "yarn-archive" as const }],
  ]) {
    expect(unknownOf(learns, other)).toHaveLength(1)
    expect(withHashes(learns, other)[0]!.hash).toBe(`sha256-${"A".repeat(43)}=`)
  }
})
