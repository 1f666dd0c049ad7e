import { Result } from "effect"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { processorTime } from "../testing/ProcessorTime.ts"
import { recognise } from "./Recognise.ts"
import { failure, needsExpress, offer, recognised, start, treeOf } from "./testing/trees.ts"

test("a name of a prototype is nothing that a file has said", () => {
  const yarn = 'a@1:\n  version "1.0.0"\n  constructor:\n    b "1"\n'
  expect(failure({ "package.json": needsExpress, "yarn.lock": yarn }).title).toContain("no integrity")
  const deno = { "deno.json": "{}", Procfile: "web: deno task constructor" }
  expect(recognised(deno).settings.start).toBe("deno task constructor")
})

describe("is done with at once", () => {
  const long = 100_000
  const wants = JSON.stringify({ scripts: { start: "node ." }, dependencies: { a: "1" } })
  const sri = `sha512-${"A".repeat(86)}==`
  const deep = Array.from({ length: 1000 }, () => "a").join("/")
  const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`p${index}`, "1"]))
  const bun = (packages: object) => `{"lockfileVersion":1,"packages":${JSON.stringify(packages)}}`
  const workspace = (...globs: ReadonlyArray<string>) => ({
    "package.json": JSON.stringify({ scripts: { start: "node ." }, workspaces: globs }),
    "package-lock.json": '{"lockfileVersion":3,"packages":{}}',
  })
  const members = Object.fromEntries(
    Array.from({ length: 500 }, (_, index) => [`a/b/c/d/e/${index}/package.json`, "{}"]),
  )
  test.each<readonly [string, Record<string, string>]>([
    [
      "newlines in a package-lock.json",
      { "package.json": wants, "package-lock.json": `${"\n".repeat(long)}{}` },
    ],
    ["a text without an end in a bun.lock", { "package.json": wants, "bun.lock": '\\"'.repeat(long) }],
    ["a text without an end in a deno.json", { "deno.json": '\\"'.repeat(long) }],
    [
      "spaces in a yarn.lock",
      { "package.json": wants, "yarn.lock": `a@1:\n  k${" ".repeat(long)}x\u2028y\n  version "1.0.0"\n` },
    ],
    [
      "signs in the place of a package",
      {
        "package.json": wants,
        "yarn.lock": `a@1:\n  version "1.0.0"\n  resolved "${"#".repeat(2 * long)}\\nx"\n`,
      },
    ],
    [
      "quotes in a go.mod",
      { "go.mod": `module x\nrequire (\n${'"'.repeat(long)}\n${"a ".repeat(long)}\n`, "go.sum": "a\n" },
    ],
    [
      "letters and dots in a go.sum",
      { "go.mod": "require a v1", "go.sum": `${`${"a.".repeat(400)}! v1.0.0 h1:x\n`.repeat(1000)}` },
    ],
    ["slashes in a pattern of a workspace", { ...workspace(`${"/".repeat(long)}x`), ...members }],
    [
      "a pattern of a workspace that fits in many ways",
      { ...workspace(...Array.from({ length: 50 }, () => `${"**/".repeat(9)}x`)), ...members },
    ],
    [
      "a marker without an end in a poetry.lock",
      {
        "main.py": "",
        "pyproject.toml": `[project]\nname = "x"\ndependencies = ["a; ${"(".repeat(long)}"]\n`,
        "poetry.lock": `[[package]]\nname = "a"\nversion = "1"\nmarkers = "${"not ".repeat(long)}"\n`,
      },
    ],
    [
      "a package of Python that needs itself in many ways",
      {
        "main.py": "",
        "pyproject.toml": '[project]\nname = "x"\ndependencies = ["a"]\n',
        "pdm.lock": `[[package]]\nname = "a"\nversion = "1"\ndependencies = [${Array.from({ length: 20_000 }, (_, index) => `"a[e${index % 50}]"`).join()}]\n`,
      },
    ],
    [
      "paths of a Cargo.toml that lead far",
      {
        "Cargo.toml": `[package]\nname = "x"\n[dependencies]\n${Array.from({ length: 2000 }, (_, index) => `a${index} = { path = "${"../x/".repeat(200)}" }\n`).join("")}`,
        "Cargo.lock": "",
        "src/main.rs": "",
      },
    ],
    [
      "a Cargo.lock with names that are long",
      {
        "Cargo.toml": '[package]\nname = "x"\n',
        "Cargo.lock": `[[package]]\nname = "${"a".repeat(10 * long)}"\nversion = "${"1".repeat(10 * long)}"\nsource = "x"\n`,
        "src/main.rs": "",
      },
    ],
    [
      "a deep package of Bun",
      {
        "package.json": wants,
        "bun.lock": bun({ [deep]: ["a@1.0.0", "", { dependencies: many }, sri] }),
      },
    ],
  ])("%s", (_, files) => {
    expect(processorTime(() => recognise(treeOf(files), offer))).toBeLessThan(1000)
  })
  test("more than 5000 packages, and paths of many folders, are refused", () => {
    const packages = Object.fromEntries(
      Object.keys(many).map((name) => [name, [`${name}@1.0.0`, "", {}, sri]]),
    )
    expect(failure({ "package.json": wants, "bun.lock": bun(packages) }).title).toContain("5000 packages")
    expect(failure({ "package.json": wants, "bun.lock": bun({ [deep]: [] }) }).title).toContain("50 folders")
  })
})

const telling = fc.constantFrom(
  "flake.nix",
  "skypanel.toml",
  "Procfile",
  "package.json",
  "package-lock.json",
  "pnpm-lock.yaml",
  "pnpm-workspace.yaml",
  "yarn.lock",
  "bun.lock",
  ".nvmrc",
  "deno.json",
  "main.ts",
  "requirements.txt",
  "pyproject.toml",
  "Pipfile.lock",
  "uv.lock",
  "poetry.lock",
  "pdm.lock",
  "pylock.toml",
  "setup.cfg",
  "manage.py",
  "go.mod",
  "go.sum",
  "go.work",
  "composer.json",
  "index.php",
  "Gemfile",
  "Gemfile.lock",
  "Cargo.toml",
  "Cargo.lock",
  ".cargo/config.toml",
  "index.html",
  "server.js",
  "a/package.json",
)
const content = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.json(),
  fc.constantFrom(
    start,
    '[build]\npath = "a"\n',
    "web: a\nworker: b\n",
    '{"scripts":[1],"workspaces":{"packages":3}}',
  ),
)
test("no tree crashes it, and what it says is bounded", () => {
  fc.assert(
    fc.property(fc.dictionary(telling, content, { maxKeys: 8 }), (files) => {
      const found = recognise(treeOf(files), offer)
      if (Result.isFailure(found)) expect(found.failure.failure.title).not.toBe("")
      else expect(found.success.reasoning.join("; ").length).toBeLessThan(20_000)
    }),
    { numRuns: 500 },
  )
})
