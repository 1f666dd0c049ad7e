import { Result } from "effect"
import { describe, expect, test } from "vitest"
import { procfileWeb, type Recognised, recognise } from "./Recognise.ts"

const tree = (files: Record<string, string>, ...others: ReadonlyArray<string>) => ({
  names: [...Object.keys(files), ...others].sort(),
  files,
})
const found = (files: Record<string, string>, ...others: ReadonlyArray<string>): Recognised =>
  Result.getOrThrow(recognise(tree(files, ...others)))
const failure = (files: Record<string, string>, ...others: ReadonlyArray<string>) => {
  const result = recognise(tree(files, ...others))
  if (Result.isSuccess(result)) throw new Error("it was recognised")
  return result.failure.failure
}

const start = JSON.stringify({ scripts: { start: "node ." } })

describe("a repository is recognised by", () => {
  test("its flake before everything", () => {
    expect(
      found({ "flake.nix": "", "default.nix": "", "package.json": start, "package-lock.json": "{}" }),
    ).toEqual({
      _tag: "flake",
      explanation: "flake.nix, its default package",
    })
  })
  test("its default.nix before its language", () => {
    expect(found({ "default.nix": "", "go.mod": "" })._tag).toBe("nix")
  })
  test("package.json with a lock file and a start script", () => {
    expect(found({ "package.json": start, "package-lock.json": "{}", "index.html": "" })).toEqual({
      _tag: "nodejs",
      explanation: "package.json with package-lock.json, starts with npm start",
      start: null,
    })
  })
  test("its Procfile's web line, which says how it starts", () => {
    expect(
      found({
        "package.json": start,
        "package-lock.json": "{}",
        Procfile: "worker: x\nweb:  node web.js --port $PORT \n",
      }),
    ).toEqual({
      _tag: "nodejs",
      explanation: "package.json with package-lock.json, starts with node web.js --port $PORT",
      start: "node web.js --port $PORT",
    })
  })
  test("server.js or main where there is no start script", () => {
    expect(found({ "package.json": "{}", "package-lock.json": "{}" }, "server.js")).toMatchObject({
      start: "node server.js",
    })
    expect(found({ "package.json": '{"main":"lib/a.js"}', "package-lock.json": "{}" })).toMatchObject({
      start: "node lib/a.js",
    })
  })
  test("requirements.txt or pyproject.toml, also beside a package.json for assets", () => {
    expect(found({ "requirements.txt": "flask", "package.json": "{}" }, "app.py")).toEqual({
      _tag: "python",
      explanation: "requirements.txt, starts with python app.py",
      start: "python app.py",
    })
    expect(found({ "pyproject.toml": "", Procfile: "web: gunicorn app:app" })).toMatchObject({
      start: "gunicorn app:app",
    })
  })
  test("go.mod", () => expect(found({ "go.mod": "module x" })).toMatchObject({ _tag: "go", start: null }))
  test("index.html", () => expect(found({ "index.html": "<p>" })).toMatchObject({ _tag: "static" }))
})

describe("a repository is not recognised", () => {
  test("with nothing known: what was looked for and what was found", () => {
    const { code, detail } = failure({}, "README.md", "src/", ".git/")
    expect(code).toBe("source-not-recognised")
    expect(detail).toContain("package.json with package-lock.json")
    expect(detail).toContain("Found README.md, src/")
    expect(failure({}).detail).toContain("Found nothing")
  })
  test("without a lock file", () => {
    expect(failure({ "package.json": start })).toMatchObject({ code: "source-not-recognised" })
    expect(failure({ "package.json": start }).title).toContain("package-lock.json")
  })
  test("with a start command that nobody can read", () =>
    expect(failure({ "go.mod": "", Procfile: `web: ${"x".repeat(600)}` }).title).toContain("Procfile"))
  test("with a package.json that is no JSON", () =>
    expect(failure({ "package.json": "{", "package-lock.json": "" }).title).toContain("not valid JSON"))
  test("when nothing says how it starts", () => {
    expect(failure({ "package.json": "{}", "package-lock.json": "{}" })).toMatchObject({ code: "no-command" })
    expect(failure({ "requirements.txt": "" })).toMatchObject({ code: "no-command" })
    expect(failure({ "package.json": '{"main":"; rm -rf /"}', "package-lock.json": "" })).toMatchObject({
      code: "no-command",
    })
  })
})

test("a Procfile is read line by line", () => {
  expect(procfileWeb("web: a\r\nworker: b\r\n")).toBe("a")
  expect(procfileWeb("worker: b\n")).toBeNull()
  expect(procfileWeb("# web: no\nwebsite: x\n")).toBeNull()
  expect(procfileWeb("web:\nworker: b")).toBeNull()
})
