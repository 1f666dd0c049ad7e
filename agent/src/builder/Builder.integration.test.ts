import { readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type GitServer, openGitServer } from "../../../test/lab/gitServer.ts"
import { program } from "./testing/Programs.ts"
import { assignment, openWorkbench, token, type Workbench } from "./testing/Workbench.ts"

let bench: Workbench
let git: GitServer
beforeAll(async () => {
  bench = await openWorkbench()
  git = await openGitServer()
}, 180_000)
afterAll(async () => {
  await bench?.close()
  await git?.close()
})

describe("a build", { timeout: 120_000 }, () => {
  test.each(["nodejs", "static"])("of the template %s comes to the platform", async (template) => {
    const { observed } = await bench.build({ _tag: "template", template })
    expect(observed.failure).toBeNull()
    const result = observed.result!
    expect(result.command).toHaveLength(1)
    expect(result.command[0]!.startsWith(`${result.storePath}/bin/`)).toBe(true)
    expect(result.closurePaths).toBeGreaterThan(0)
    expect(bench.receiver.stored.has(`/cache/push/${token}/${result.storePath.slice(11, 43)}.narinfo`)).toBe(
      true,
    )
  })
  test("of a template that is not there says so", async () => {
    const { observed } = await bench.build({ _tag: "template", template: "cobol" })
    expect(observed.failure).toMatchObject({ code: "source-not-found" })
  })
  test("of a repository has its commit, and of another ref another one", async () => {
    const first = await git.commit("site", { "index.html": "<p>one" })
    git.tag("site", "v1")
    const second = await git.commit("site", { "index.html": "<p>two" })
    const newest = await bench.build({ _tag: "git", url: first.url, ref: null })
    expect(newest.observed.failure).toBeNull()
    expect(newest.observed.result).toMatchObject({
      revision: second.commit,
      recognisedAs: "index.html → served as files",
    })
    for (const ref of ["v1", first.commit]) {
      const older = await bench.build({ _tag: "git", url: first.url, ref })
      expect(older.observed.result?.revision).toBe(first.commit)
      expect(older.observed.result?.storePath).not.toBe(newest.observed.result?.storePath)
    }
  })
  test("of a repository without any Nix shows its reasoning", async () => {
    const fixture = (name: string) =>
      readFileSync(join(import.meta.dirname, "recognise", "lock", "fixtures", name), "utf8")
    const { url } = await git.commit("pnpm", {
      "package.json": JSON.stringify({ ...JSON.parse(fixture("package.json")), engines: { node: ">=22" } }),
      "pnpm-lock.yaml": fixture("pnpm-9.0.yaml"),
      "make.js": 'require("node:fs").writeFileSync("built/odd", String(require("is-odd")(3)))',
      "server.js": "",
    })
    const { observed, lines } = await bench.build({ _tag: "git", url, ref: null })
    expect(observed.failure).toBeNull()
    const reasoning = [
      "package.json → Node.js",
      "pnpm-lock.yaml, version 9.0 → pnpm, 5 packages",
      "`engines.node` (>=22) → Node.js 24",
      "script `build` → mkdirp built && node make.js",
      "script `start` → node server.js",
    ]
    expect(observed.result?.recognisedAs).toBe(reasoning.join("; "))
    const said = lines.map(({ text }) => text)
    expect(said).toEqual(expect.arrayContaining(reasoning.map((line) => `recognised: ${line}`)))
  })
  test("of a repository with default.nix or flake.nix is done by it", async () => {
    const nix = await git.commit("nix", { "default.nix": program("hi", "true") })
    expect((await bench.build({ _tag: "git", url: nix.url, ref: null })).observed).toMatchObject({
      failure: null,
      result: { recognisedAs: "default.nix → what it gives" },
    })
    const flake = await git.commit("flake", {
      "hi.nix": program("hi", "true"),
      "flake.nix": `{
        inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
        outputs = { self, nixpkgs }: {
          packages.x86_64-linux.default = import (self + "/hi.nix") { pkgs = nixpkgs.legacyPackages.x86_64-linux; };
        };
      }`,
    })
    const done = await bench.build({ _tag: "git", url: flake.url, ref: null })
    expect(done.observed.failure).toBeNull()
    expect(done.observed.result?.recognisedAs).toBe("flake.nix → its default package")
  })
  test("has links of its repository that stay in it", async () => {
    const { url } = await git.commit("links", {
      "index.html": { link: "pages/start.html" },
      "pages/start.html": "<p>",
    })
    expect((await bench.build({ _tag: "git", url, ref: null })).observed.failure).toBeNull()
  })
  test("with nothing changed neither evaluates nor uploads again", async () => {
    const source = { _tag: "expression", expression: program("same", "true") } as const
    const first = await bench.build(source)
    bench.receiver.requests.length = 0
    const second = await bench.build(source)
    expect(second.observed.result).toEqual(first.observed.result)
    expect(second.lines.map(({ text }) => text)).toContain("nothing has changed: it was built before")
    expect(bench.receiver.requests.some((request) => request.startsWith("PUT"))).toBe(false)
  })
  test("logs each line once, in order, with its phase", async () => {
    const { observed, lines } = await bench.build({
      _tag: "expression",
      expression: program("loud", "for n in $(seq 300); do echo line $n; done", Math.random()),
    })
    expect(observed.phase).toBe("succeeded")
    expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_, index) => index + 1))
    const printed = lines.filter(({ text }) => /^line \d+$/.test(text))
    expect(printed.map(({ text }) => text)).toEqual(Array.from({ length: 300 }, (_, n) => `line ${n + 1}`))
    expect(new Set(printed.map(({ origin, stream }) => `${origin} ${stream}`))).toEqual(
      new Set(["building stdout"]),
    )
  })
  test("does not show the upload's token, nor this machine's folders", async () => {
    const { lines } = await bench.build({
      _tag: "expression",
      expression: program("told", `echo ${token}; echo ${bench.config.dataFolder}`, Math.random()),
    })
    expect(JSON.stringify(lines)).not.toContain(token)
    expect(JSON.stringify(lines)).not.toContain(bench.config.dataFolder)
  })
  test("fails when the platform does not take it", async () => {
    const build = {
      ...assignment({ _tag: "expression", expression: program("lost", "true") }),
      uploadPath: "/refused/a-token-of-its-own?x=1",
    }
    await bench.assign(build)
    const { observed, lines } = await bench.finished(build.id)
    expect(observed.failure).toMatchObject({ code: "upload-failed" })
    expect(JSON.stringify([observed, lines])).not.toContain("a-token-of-its-own")
  })
})
