import { describe, expect, test } from "vitest"
import { failure, recognised, start } from "./testing/trees.ts"

const dockerfile = "FROM node:20 AS build\nRUN npm ci\nFROM scratch\nCOPY --from=build /app /app\n"
const toml = (text: string) => ({ Dockerfile: dockerfile, "skypanel.toml": text })

describe("a Dockerfile", () => {
  test("is how a repository is built that has no Nix, whatever else it has", () => {
    expect(recognised({ Dockerfile: dockerfile, "package.json": start, "package-lock.json": "{}" })).toEqual({
      kind: "dockerfile",
      folder: "",
      reasoning: [
        "Dockerfile → an image on scratch, 2 stages, built by BuildKit",
        "[build] kind in a skypanel.toml → builds it by its other files, with Nix",
      ],
      settings: { file: "Dockerfile", target: null, arguments: {} },
    })
    expect(recognised({ Containerfile: "FROM debian" }).kind).toBe("dockerfile")
    expect(recognised({ Dockerfile: dockerfile, "flake.nix": "" }).kind).toBe("flake")
    expect(recognised({ Dockerfile: dockerfile, "default.nix": "" }).kind).toBe("nix")
  })
  test("is not taken where the skypanel.toml names another kind, and is where it names this one", () => {
    const files = { ...toml('[build]\nkind = "nodejs"'), "package.json": start, "package-lock.json": "{}" }
    expect(recognised(files).kind).toBe("nodejs")
    expect(recognised({ ...toml('[build]\nkind = "dockerfile"'), "flake.nix": "" }).reasoning).toEqual([
      "skypanel.toml, [build] kind → dockerfile",
      "Dockerfile → an image on scratch, 2 stages, built by BuildKit",
    ])
    expect(failure({ "skypanel.toml": '[build]\nkind = "dockerfile"' }).title).toContain("as dockerfile")
  })
  test("may be another file, be built to a stage, and have arguments", () => {
    const found = recognised({
      "apps/web/deploy/web.dockerfile": dockerfile,
      "skypanel.toml":
        '[build]\npath = "apps/web"\n[dockerfile]\nfile = "deploy/web.dockerfile"\ntarget = "build"\n[arguments]\nA = "b"\n',
    })
    expect(found).toMatchObject({
      folder: "apps/web",
      settings: { file: "deploy/web.dockerfile", target: "build", arguments: { A: "b" } },
    })
    expect(found.reasoning).toContain(
      "deploy/web.dockerfile → an image on node:20, 2 stages, built by BuildKit",
    )
  })
  test("may name the frontend that BuildKit has in itself", () => {
    for (const name of ["docker/dockerfile:1", "docker.io/docker/dockerfile:1.7-labs", "docker/dockerfile"])
      expect(recognised({ Dockerfile: `# syntax=${name}\n${dockerfile}` }).kind).toBe("dockerfile")
  })
  test("may have the word in the comments that it begins with", () => {
    const head = "# Sets the syntax = of the app\n# nginx: proxy_syntax=on\n"
    expect(recognised({ Dockerfile: head + dockerfile }).kind).toBe("dockerfile")
  })
  test.each([
    [
      "another frontend",
      { Dockerfile: `# syntax=evil.example/x\n${dockerfile}` },
      /line 1: it asks for the frontend/,
    ],
    [
      "a frontend that is called alike",
      { Dockerfile: `# syntax=evil.example/docker/dockerfile:1\nFROM a` },
      /frontend/,
    ],
    [
      "a second frontend",
      { Dockerfile: `# syntax=evil.example/x\n# syntax=docker/dockerfile\nFROM a` },
      /line 1: it asks for the frontend “evil/,
    ],
    [
      "a frontend that is named twice",
      { Dockerfile: `# syntax=docker/dockerfile\n# syntax=docker/dockerfile\nFROM a` },
      /line 2: it asks for a frontend twice/,
    ],
    ["a frontend after other space", { Dockerfile: "#\fsyntax=evil\nFROM a" }, /line 1: it asks for the/],
    ["a frontend after another directive", { Dockerfile: "#a1=x\n#syntax=evil\nFROM a" }, /line 2: it asks/],
    ["a line for a shell", { Dockerfile: "\ufeff#!/x\n//syntax=evil\nFROM a" }, /line 1: it is no Docker/],
    ["a frontend in JSON further down", { Dockerfile: '\ufeff\n {"syntax":"x"}' }, /no Dockerfile/],
    ["more than is read", { Dockerfile: `FROM a\n#${"x".repeat(256 * 1024)}` }, /is larger than 256 KiB/],
    ["a frontend in other words", { Dockerfile: `// syntax=evil.example/x\n${dockerfile}` }, /no Dockerfile/],
    ["a frontend in JSON", { Dockerfile: '{"syntax":"evil.example/x"}' }, /no Dockerfile/],
    ["nothing to build on", { Dockerfile: "RUN x" }, /has no FROM/],
    ["a command to start", toml('[start]\ncommand = "x"'), /skypanel.toml, line 1: a Dockerfile says itself/],
    [
      "a file that is missing",
      toml('[dockerfile]\nfile = "b/Dockerfile"'),
      /line 2: there is no file “b\/Dockerfile”/,
    ],
    ["a file that is none", toml('[dockerfile]\nfile = "../Dockerfile"'), /line 2: “file”/],
    ["a file of another name", toml('[dockerfile]\nfile = "secret.txt"'), /line 2: “file”/],
    [
      "an argument of BuildKit's own",
      toml('[arguments]\nBUILDKIT_SYNTAX = "x"'),
      /line 2: \[arguments\] has no/,
    ],
    ["an argument that is an option", toml('[arguments]\n"--output" = "x"'), /\[arguments\] has no/],
    ["an argument of two lines", toml('[arguments]\nA = "x\\ny"'), /line 2: “A”/],
    ["a stage that is an option", toml('[dockerfile]\ntarget = "--x"'), /line 2: “target”/],
  ])("with %s is refused", (_, files, title) => {
    expect(failure(files as Record<string, string>).title).toMatch(title)
  })
  test("that is a link is not followed", () => {
    expect(failure({}, "Dockerfile").title).toMatch(/no file that can be read/)
  })
})
