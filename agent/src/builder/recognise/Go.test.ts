import { describe, expect, test } from "vitest"
import { lockDigest, unknownOf, withHashes } from "../learn/Learns.ts"
import { failure, recognised } from "./testing/trees.ts"

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
          { path: "example.org/dep", version: "v1.2.3", kind: "zip", sum: sum("A"), line: 1 },
          { path: "example.org/dep", version: "v1.2.3", kind: "mod", sum: sum("B"), line: 2 },
          {
            path: "github.com/BurntSushi/toml",
            version: "v0.0.0-20240101000000-abcdefabcdef+incompatible",
            kind: "mod",
            sum: sum("C"),
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
