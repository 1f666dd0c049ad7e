import { Overrides } from "@skypanel/contract/Overrides"
import { Schema } from "effect"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { findMistake } from "./SkypanelRules.ts"
import { recognisedFor, start } from "./testing/trees.ts"

const node = { "package.json": start, "package-lock.json": '{"lockfileVersion":3,"packages":{}}' }
const procfile = { Procfile: "web: node web.js\nworker: node worker.js\n" }

describe("what a service says itself", () => {
  test.each<readonly [string, Overrides, Record<string, string>, object]>([
    [
      "starts another process of the Procfile than its repository does",
      { start: { process: "worker" } },
      { ...node, ...procfile, "skypanel.toml": '[start]\ncommand = "node x.js"\n' },
      {
        settings: { start: "node worker.js" },
        reasoning: expect.arrayContaining([
          "the service's own settings, [start] process → worker",
          "Procfile, `worker` → node worker.js",
        ]),
      },
    ],
    [
      "goes before the file key by key",
      { build: { command: "npm run own" } },
      { ...node, "skypanel.toml": '[build]\ncommand = "npm run file"\nnode = "22"\n' },
      {
        settings: { buildCommand: "npm run own", nodeMajor: 22 },
        reasoning: expect.arrayContaining([
          "the service's own settings, [build] command → npm run own",
          "skypanel.toml, [build] node (22) → Node.js 22",
        ]),
      },
    ],
    [
      "names folder and kind",
      { build: { path: "apps/site", kind: "static" }, static: { folder: "out", fallback: "index.html" } },
      { ...node, "apps/site/out/index.html": "", "apps/site/package.json": start },
      {
        kind: "static",
        folder: "apps/site",
        settings: { folder: "out", fallback: "index.html" },
        reasoning: [
          "the service's own settings, [build] path → apps/site",
          "the service's own settings, [build] kind → static",
          "the service's own settings, [static] folder → out",
          "out/index.html → served as files",
          "the service's own settings, [static] fallback → index.html for paths without a file",
        ],
      },
    ],
    ...[
      ["Python", { "requirements.txt": "", "main.py": "" }],
      ["PHP", { "index.php": "" }],
    ].map(
      ([language, files]) =>
        [
          `names what ${language} builds`,
          { build: { command: "make" } },
          files as Record<string, string>,
          { settings: { buildCommand: "make" } },
        ] as const,
    ),
    [
      "chooses a Dockerfile",
      { dockerfile: { file: "web.dockerfile", target: "run" }, arguments: { VERSION: "3" } },
      { "web.dockerfile": "FROM debian AS run\n", "skypanel.toml": '[arguments]\nOTHER = "1"\n' },
      { kind: "dockerfile", settings: { target: "run", arguments: { OTHER: "1", VERSION: "3" } } },
    ],
  ])("%s", (_, overrides, files, expected) => {
    expect(recognisedFor(overrides, files)).toMatchObject(expected)
  })

  test.each<readonly [string, Overrides, Record<string, string>, string]>([
    [
      "a process that is not there",
      { start: { process: "clock" } },
      { ...node, ...procfile },
      "In the service's own settings, [start]: there is no process “clock”.",
    ],
    [
      "a folder that is not there",
      { build: { path: "apps" } },
      node,
      "In the service's own settings, [build]: there is no folder “apps”.",
    ],
    [
      "a Node.js that is not there",
      { build: { node: "99" } },
      node,
      "In the service's own settings, [build]: “99” allows no Node.js that there is here.",
    ],
    [
      "a command that would build nothing",
      { build: { command: "make" } },
      { "index.html": "" },
      "In the service's own settings, [build]: files that are served as they are need no command.",
    ],
    [
      "a start of a Dockerfile",
      { start: { command: "x" } },
      { Dockerfile: "FROM debian\n" },
      "In the service's own settings, [start]: a Dockerfile says itself how its image starts.",
    ],
    [
      "a kind that this builder does not know",
      { build: { kind: "cobol" } },
      node,
      "In the service's own settings “kind” of [build] is not one of",
    ],
  ])("and %s is told as its own", (_, overrides, files, title) => {
    expect(recognisedFor(overrides, files)).toMatchObject({
      title: expect.stringContaining(title),
      location: null,
    })
  })
})

describe("a process that nobody asks anything", () => {
  const portless = (process: string, files: Record<string, string>) =>
    recognisedFor({ start: { process } }, { ...node, ...files })
  const because = expect.stringMatching(/^process `\w+`, not `web` → no port/)

  test("is one other than `web`: it has no port, and the reasoning says so", () => {
    expect(portless("worker", procfile)).toMatchObject({
      portless: true,
      reasoning: expect.arrayContaining([because]),
    })
  })

  test.each<readonly [string, object]>([
    ["web", portless("web", procfile)],
    ["one that is given the port", portless("api", { Procfile: "api: serve --port ${PORT:-80}\n" })],
    [
      "a command of its own",
      recognisedFor({ start: { command: "node worker.js" } }, { ...node, ...procfile }),
    ],
    [
      "one that is not what starts",
      portless("worker", { Procfile: "worker: x\n", "default.nix": "{ pkgs, ... }: pkgs.hello" }),
    ],
  ])("is not %s", (_, found) => {
    expect(found).toMatchObject({ reasoning: expect.not.arrayContaining([because]) })
    expect(found).not.toHaveProperty("portless")
  })
})

const text = fc.oneof(
  fc.constantFrom("web", "../x", "a/../b", "apps/web", "npm run x", " ", "a\nb", ">=22 <25", "x".repeat(501)),
  fc.string({ unit: "binary", maxLength: 10 }),
)
const some = (...keys: ReadonlyArray<string>) =>
  fc.record(Object.fromEntries(keys.map((key) => [key, text])), { requiredKeys: [] })
test("what the contract takes, a builder takes as if it stood in a skypanel.toml, and nothing else", () => {
  fc.assert(
    fc.property(
      fc.record({
        build: some("path", "command", "node"),
        start: some("command", "process"),
        static: some("folder", "fallback"),
        dockerfile: some("target"),
        arguments: fc.dictionary(text, text, { maxKeys: 3 }),
      }),
      (overrides) => {
        expect(findMistake(overrides) === null).toBe(Schema.is(Overrides)(overrides))
      },
    ),
    { numRuns: 500 },
  )
})
