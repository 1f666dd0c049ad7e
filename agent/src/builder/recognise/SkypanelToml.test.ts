import { describe, expect, test } from "vitest"
import { failure, recognised, start } from "./testing/trees.ts"

describe("a skypanel.toml", () => {
  test.each<readonly [string, string, Record<string, string>, object]>([
    [
      "builds another folder",
      '[build]\npath = "apps/web/"',
      { "apps/web/index.html": "", "index.html": "" },
      {
        kind: "static",
        folder: "apps/web",
        reasoning: ["skypanel.toml, [build] path → apps/web", "index.html → served as files"],
      },
    ],
    [
      "decides between two kinds",
      '[build]\nkind = "go"',
      { "package.json": start, "package-lock.json": "{}", "go.mod": "module x" },
      { kind: "go", reasoning: expect.arrayContaining(["skypanel.toml, [build] kind → go"]) },
    ],
    [
      "starts with its own command, before the Procfile",
      '[start]\ncommand = "node x.js"',
      { "package.json": start, "package-lock.json": "{}", Procfile: "web: node y.js" },
      { settings: { start: "node x.js" } },
    ],
    [
      "starts another process of the Procfile",
      '[start]\nprocess = "worker"',
      { "go.mod": "module x", Procfile: "web: a\nworker: b --all\nclock: c" },
      {
        settings: { start: "b --all" },
        reasoning: [
          "go.mod → a Go module",
          "no `require` → no dependencies",
          "skypanel.toml, [start] process → worker",
          "Procfile, `worker` → b --all",
          "`web`, `clock` → known, not started by this service",
          "process `worker`, not `web` → no port and no URL, unless a port is set",
        ],
      },
    ],
    [
      "has processes of its own",
      '[processes]\nweb = "serve"\n"queue-1" = "work"',
      { "go.mod": "module x", Procfile: "web: other" },
      { settings: { start: "serve" }, reasoning: expect.arrayContaining(["skypanel.toml, `web` → serve"]) },
    ],
    [
      "serves a folder, with a page for every path",
      '[static]\nfolder = "site/out"\nfallback = "index.html"',
      { "site/out/index.html": "" },
      { kind: "static", settings: { folder: "site/out", fallback: "index.html" } },
    ],
  ])("%s", (_, toml, files, expected) => {
    expect(recognised({ ...files, "skypanel.toml": toml })).toMatchObject(expected)
  })

  test.each<readonly [string, string, number, string, string]>([
    ["no TOML", '[build]\npath = "a', 2, "it is not TOML", "quotes"],
    [
      "an unknown table",
      '\n[bild]\npath = "a"',
      2,
      "no “bild”",
      "[build], [start], [static], [dockerfile], [processes]",
    ],
    ["a value where a table belongs", 'build = "x"', 1, "“build” is not a table", "[build]"],
    [
      "an unknown key",
      '[start]\nprocess = "web"\n[build]\n# x\npth = "a"',
      5,
      "[build] has no “pth”",
      "path, kind, command, node",
    ],
    ["an unknown key in one line", '\nbuild = { pth = "a" }', 2, "[build] has no “pth”", "path, kind"],
    ["an unknown key with dots", '\nbuild.pth = "a"', 2, "[build] has no “pth”", "path, kind"],
    ["a wrong kind", '[build]\nkind = "cobol"', 2, "“kind” of [build] is not one of", '"nodejs"'],
    ["a path that leads out", '[build]\npath = "a/../../b"', 2, "“path” of [build]", "without .."],
    ["an absolute path", '[static]\nfolder = "/etc"', 2, "“folder” of [static]", "without a leading /"],
    ["a folder that is not there", '[build]\n\npath = "apps/web"', 3, "no folder “apps/web”", "from the top"],
    ["a number as version", "[build]\nnode = 24", 2, "“node” of [build] is not a version", '"24"'],
    ["a command of two lines", '[start]\ncommand = """a\nb"""', 2, "“command” of [start]", "one line"],
    ["an unknown process", '[start]\nprocess = "clock"', 2, "no process “clock”", "There are web."],
    ["a name that is none", '[processes]\n"a b" = "x"', 2, "[processes] has no “a b”", "letters"],
    ["a prototype's name", '[build]\nconstructor = "x"', 2, "[build] has no “constructor”", "path"],
  ])("with %s says in which line, and what is allowed", (_, toml, line, title, next) => {
    const found = failure({ "index.html": "", Procfile: "web: a", "skypanel.toml": toml })
    expect(found.location).toEqual({ file: "skypanel.toml", line, column: 1 })
    expect(found.title).toContain(`skypanel.toml, line ${line}: `)
    expect(found.title).toContain(title)
    expect(found.next).toContain(next)
  })

  test("that is far too long", () =>
    expect(failure({ "skypanel.toml": "#".repeat(70_000) }).title).toContain("longer than 64 KiB"))
  test("that asks for what is not there says what was looked for", () => {
    const found = failure({ "index.html": "", "skypanel.toml": '[build]\nkind = "python"' })
    expect(found.title).toContain("as python")
    expect(found.detail).toContain("requirements.txt")
    expect(found.detail).not.toContain("go.mod,")
  })
})
