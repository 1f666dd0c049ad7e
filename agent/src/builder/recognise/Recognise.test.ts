import { describe, expect, test } from "vitest"
import { failure, needsExpress, recognised, start } from "./testing/trees.ts"

describe("the reasoning of", () => {
  test.each<readonly [string, Record<string, string>, string, ReadonlyArray<string>]>([
    [
      "a flake, before all else",
      { "flake.nix": "", "package.json": start },
      "flake",
      ["flake.nix → its default package"],
    ],
    ["default.nix", { "default.nix": "", "go.mod": "module x" }, "nix", ["default.nix → what it gives"]],
    [
      "npm's start script",
      { "package.json": start, "package-lock.json": "{}" },
      "nodejs",
      ["package.json → Node.js", "package-lock.json → npm", "script `start` → node server.js"],
    ],
    [
      "a Procfile, before a start script",
      {
        "package.json": start,
        "npm-shrinkwrap.json": "{}",
        Procfile: "release: true\nweb:  node web.js  \n",
      },
      "nodejs",
      [
        "package.json → Node.js",
        "npm-shrinkwrap.json → npm",
        "Procfile, `web` → node web.js",
        "`release` → known, not started by this service",
      ],
    ],
    [
      "a build script, and the server.js that it needs no start script for",
      { "package.json": '{"scripts":{"build":"tsc"}}', "package-lock.json": "{}", "server.js": "" },
      "nodejs",
      [
        "package.json → Node.js",
        "package-lock.json → npm",
        "script `build` → tsc",
        "server.js → node server.js",
      ],
    ],
    [
      "a package.json's main",
      { "package.json": '{"main":"lib/a.js"}', "package-lock.json": "{}" },
      "nodejs",
      ["package.json → Node.js", "package-lock.json → npm", "`main` → node lib/a.js"],
    ],
    [
      "a package.json for assets of a Python service",
      { "package.json": start, "requirements.txt": "flask", "app.py": "" },
      "python",
      ["requirements.txt → Python, 1 dependency", "app.py → python app.py"],
    ],
    [
      "Python with a Procfile",
      { "pyproject.toml": "", Procfile: "web: gunicorn app:app" },
      "python",
      ["pyproject.toml → Python, 0 dependencies", "Procfile, `web` → gunicorn app:app"],
    ],
    [
      "a Go module with its dependencies",
      { "go.mod": "module x\n\ngo 1.22\n\nrequire a v1.0.0\n", "vendor/modules.txt": "" },
      "go",
      [
        "go.mod → a Go module for Go 1.22",
        "vendor → its dependencies",
        "nothing says how it starts → its one program is started",
      ],
    ],
    ["a page", { "index.html": "<p>" }, "static", ["index.html → served as files"]],
  ])("%s", (_, files, kind, reasoning) => {
    expect(recognised(files)).toMatchObject({ kind, reasoning })
  })
})

describe("a repository is not recognised", () => {
  test("with nothing known: what was looked for and what was found", () => {
    const { code, detail } = failure({}, "README.md", "src/", ".git/")
    expect(code).toBe("source-not-recognised")
    expect(detail).toContain("package.json with its lock file")
    expect(detail).toContain("Found README.md, src/")
    expect(failure({}).detail).toContain("Found nothing")
  })
  test("of Go without its go.sum or vendor folder, with the line that asks for it", () => {
    const found = failure({ "go.mod": "module x\n\nrequire a v1.0.0\n" })
    expect(found.next).toContain("go mod tidy")
    expect(found.next).toContain("go mod vendor")
    expect(found.location).toEqual({ file: "go.mod", line: 3, column: 1 })
  })
  test.each([
    ["Elixir", "mix.exs"],
    ["PHP", "composer.json"],
  ])("in %s, by its name", (name, file) => {
    const found = failure({ [file]: "", "src/main.x": "" })
    expect(found.title).toBe(`${file} says that this is ${name}, which is not built from its own files yet.`)
    expect(found).toMatchObject({ location: { file, line: 1 }, detail: "The package set here is a set." })
    expect(recognised({ [file]: "", "default.nix": "" }).kind).toBe("nix")
  })
  test("without a lock file", () => {
    const files = { "package.json": needsExpress }
    expect(failure(files)).toMatchObject({ code: "source-not-recognised" })
    expect(failure(files).title).toContain("package-lock.json")
  })
  test("with a start command that nobody can read", () =>
    expect(failure({ "go.mod": "", Procfile: `web: ${"x".repeat(600)}` }).title).toContain("Procfile"))
  test("with a package.json that is no JSON, with its line", () => {
    const found = failure({ "package.json": '{\n"a": 1,\n}', "package-lock.json": "" })
    expect(found.title).toContain("not valid JSON")
    expect(found.location).toEqual({ file: "package.json", line: 3, column: 1 })
  })
  test("when nothing says how it starts", () => {
    expect(failure({ "package.json": "{}", "package-lock.json": "{}" })).toMatchObject({ code: "no-command" })
    expect(failure({ "requirements.txt": "" })).toMatchObject({ code: "no-command" })
    expect(failure({ "package.json": '{"main":"; rm -rf /"}', "package-lock.json": "" })).toMatchObject({
      code: "no-command",
    })
  })
})
