import { readdir } from "node:fs/promises"
import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type GitServer, openGitServer } from "./testing/GitServer.ts"
import { processesWith, until } from "./testing/Processes.ts"
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

const program = (name: string, script: string, nonce: unknown = name) =>
  `{ pkgs, ... }: pkgs.runCommand "${name}" { nonce = "${nonce}"; meta.mainProgram = "${name}"; } ''
    ${script}
    mkdir -p $out/bin; printf '#!/bin/sh\\necho ${name}\\n' > $out/bin/${name}; chmod +x $out/bin/${name}
  ''`

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
      recognisedAs: "index.html, served as files",
    })
    for (const ref of ["v1", first.commit]) {
      const older = await bench.build({ _tag: "git", url: first.url, ref })
      expect(older.observed.result?.revision).toBe(first.commit)
      expect(older.observed.result?.storePath).not.toBe(newest.observed.result?.storePath)
    }
  })
  test("of a repository with default.nix or flake.nix is done by it", async () => {
    const nix = await git.commit("nix", { "default.nix": program("hi", "true") })
    expect((await bench.build({ _tag: "git", url: nix.url, ref: null })).observed).toMatchObject({
      failure: null,
      result: { recognisedAs: "default.nix" },
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
    expect(done.observed.result?.recognisedAs).toBe("flake.nix, its default package")
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

describe("the builder", { timeout: 60_000 }, () => {
  const endless = (word: string) =>
    assignment({
      _tag: "expression",
      expression: program(
        word,
        `echo started; sh -c 'while :; do sleep 1; done' ${word} & sh -c 'trap "" TERM INT; while :; do sleep 1; done' ${word}`,
      ),
    })

  test("ends a canceled build with all its processes, within 5 s", async () => {
    const build = endless(`canceled${Date.now()}`)
    const word = (build.source as { expression: string }).expression.match(/canceled\d+/)![0]
    await bench.assign(build)
    await until("it has started", async () => (await processesWith(word)) >= 2)
    const before = Date.now()
    await bench.assign({ ...build, canceled: true })
    const { observed } = await bench.finished(build.id)
    expect(observed.failure).toMatchObject({ code: "canceled" })
    await until("its processes are gone", async () => (await processesWith(word)) === 0)
    expect(Date.now() - before).toBeLessThan(5000)
    expect(await readdir(`${bench.config.dataFolder}/builds`)).not.toContain(build.id)
    await bench.unassign(build.id)
  })
  test("ends and forgets a build that is no longer assigned, and starts it again when it is", async () => {
    const build = endless(`forgotten${Date.now()}`)
    await bench.assign(build)
    await until("it builds", async () => (await bench.observed(build.id))?.phase === "building")
    await bench.unassign(build.id)
    await bench.assign(build)
    await until("it builds again", async () => (await bench.observed(build.id))?.phase === "building")
    await bench.unassign(build.id)
    await until("it is forgotten", async () => (await bench.observed(build.id)) === undefined)
  })
  test("leaves nothing of a build that ends at any instant", async () => {
    const mark = `instant${Date.now()}`
    for (let round = 0; round < 12; round++) {
      const build = endless(mark)
      await bench.assign(build)
      await new Promise((resolve) => setTimeout(resolve, round * 25))
      await bench.unassign(build.id)
    }
    await until("all are forgotten", async () =>
      (await Effect.runPromise(bench.builds.observed)).every(
        ({ phase }) => phase === "succeeded" || phase === "failed",
      ),
    )
    expect(await processesWith(mark)).toBe(0)
    expect(await processesWith(`${bench.config.dataFolder}/builds`)).toBe(0)
    expect(await readdir(`${bench.config.dataFolder}/builds`)).toEqual([])
  })
  test("does not start a canceled build", async () => {
    const build = { ...endless("never"), canceled: true }
    await bench.assign(build)
    expect(await bench.observed(build.id)).toMatchObject({ phase: "failed", failure: { code: "canceled" } })
  })
  test("does no more than its number of builds at a time", async () => {
    const builds = [1, 2, 3].map((n) => endless(`many${n}x${Date.now()}`))
    for (const build of builds) await bench.assign(build)
    const phases = () => Promise.all(builds.map(async ({ id }) => (await bench.observed(id))?.phase))
    await until(
      "two build",
      async () => (await phases()).filter((phase) => phase === "building").length === 2,
    )
    expect((await phases()).filter((phase) => phase === "waiting")).toHaveLength(1)
    for (const { id } of builds) await bench.unassign(id)
    await until("all are gone", async () => (await phases()).every((phase) => phase === undefined))
  })
  test("keeps what is not stored for a new session", async () => {
    const { observed } = await bench.build({
      _tag: "expression",
      expression: program("kept", "echo a; echo b", Math.random()),
    })
    const replayed = async () =>
      (await Effect.runPromise(bench.builds.replay))
        .filter(({ buildId }) => buildId === observed.id)
        .flatMap(({ lines }) => lines)
    expect((await replayed()).at(-1)?.seq).toBe(observed.logSeq)
    await Effect.runPromise(bench.builds.stored(observed.id, observed.logSeq - 1))
    expect(await replayed()).toHaveLength(1)
    await Effect.runPromise(bench.builds.stored(observed.id, observed.logSeq))
    expect(await replayed()).toEqual([])
  })
})
