import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { checkOn } from "./testing/Checks.ts"
import { nonce } from "./testing/Processes.ts"
import { assignment, openWorkbench, type Workbench } from "./testing/Workbench.ts"

let bench: Workbench
beforeAll(async () => {
  bench = await openWorkbench()
}, 180_000)
afterAll(async () => {
  await bench?.close()
})

const check = (text: string, limits = {}, more = {}) =>
  checkOn(bench, { _tag: "expression", expression: text }, limits, more)
const web = (name: string) =>
  `{ pkgs, ... }: pkgs.runCommand "web-1.2" { inherit (pkgs) hello; nonce = "${name}"; } "mkdir $out"`

describe("a check", { timeout: 60_000 }, () => {
  test("of a good expression has its packages, and builds and uploads nothing", async () => {
    bench.receiver.requests.length = 0
    const { phase, failure, plan, logSeq } = await check(web(nonce()))
    expect(failure).toBeNull()
    expect(phase).toBe("succeeded")
    expect(plan).toMatchObject({ name: "web", version: "1.2", state: "to-build", cut: false })
    const hello = plan!.packages.find(({ name }) => name === "hello")
    expect(hello).toMatchObject({ version: "2.10", direct: true })
    expect(plan!.packages.some(({ direct, name }) => !direct && name === "glibc")).toBe(true)
    const { packages, onBuilder, inCache, toFetch, toBuild } = plan!.totals
    expect(onBuilder + inCache + toFetch + toBuild).toBe(packages)
    for (const { state, bytes } of plan!.packages)
      if (state === "on-builder") expect(bytes).toBeGreaterThan(0)
    expect(bench.receiver.requests).toEqual([])
    expect(logSeq).toBe(0)
  })

  test("of what was built says that it is there", async () => {
    const expression = `{ pkgs, ... }: pkgs.runCommand "built" { nonce = "${nonce()}"; } "mkdir -p $out/bin; cp ${"$"}{pkgs.hello}/bin/hello $out/bin/built"`
    expect((await check(expression)).plan).toMatchObject({ state: "to-build" })
    expect((await bench.build({ _tag: "expression", expression })).observed.failure).toBeNull()
    expect((await check(expression)).plan).toMatchObject({ state: "on-builder" })
  })

  test("of what the platform's cache has says so, with its sizes and without what only its build needs", async () => {
    const expression = web(nonce())
    const keys = { cachePublicKeys: ["panel-1:AAAA"] }
    bench.receiver.requests.length = 0
    expect((await check(expression, {}, keys)).plan).toMatchObject({ state: "to-build" })
    const path = bench.receiver.requests[0]!.replace("GET ", "")
    const stored = `/nix/store/${path.slice("/cache/".length, -".narinfo".length)}-web-1.2`
    bench.receiver.stored.set(
      path,
      Buffer.from(`StorePath: ${stored}\nNarSize: 4096\nFileSize: 1024\nReferences: \n`),
    )
    expect((await check(expression, {}, keys)).plan).toMatchObject({
      state: "in-cache",
      packages: [],
      totals: { packages: 0, bytesToFetch: 1024 },
    })
  })

  test.each([
    ["a syntax error", "{ pkgs, ... }:\n{ a = 1 }", "evaluation-syntax", 2],
    ["an unknown attribute", "{ pkgs, ... }:\n\n  pkgs.helo", "evaluation-undefined", 3],
    ["infinite recursion", "{ pkgs, ... }: let x = x; in x", "evaluation-limit", null],
  ])("of %s says where", async (_, text, code, line) => {
    const { failure, plan } = await check(text)
    expect(plan).toBeUndefined()
    expect(failure?.code).toBe(code)
    if (line !== null) expect(failure?.location).toMatchObject({ file: "expression.nix", line })
    if (code === "evaluation-undefined") expect(failure?.suggestions).toContain("hello")
  })

  test("that needs too much time or memory ends, and says so", async () => {
    const slow = await check("{ pkgs, ... }: let f = n: if n == 0 then 0 else f (n + 1); in f 1", {
      evaluationSeconds: 1,
    })
    expect(slow.failure).toMatchObject({ code: "evaluation-limit" })
    const large = await check(
      "{ pkgs, ... }: builtins.deepSeq (builtins.genList (n: toString n) 100000000) pkgs.hello",
      {
        memoryBytes: 256 * 1024 ** 2,
      },
    )
    expect(large.failure?.title).toContain("256 MiB")
  })

  test("that is not wanted any more ends", async () => {
    const slow = {
      ...assignment({
        _tag: "expression",
        expression: "{ pkgs, ... }: let f = n: if n == 0 then 0 else f (n + 1); in f 1",
      }),
      check: true,
    }
    await bench.assign(slow)
    const started = Date.now()
    await bench.unassign(slow.id)
    expect((await check(web(nonce()))).plan).not.toBeNull()
    expect(Date.now() - started).toBeLessThan(20_000)
  })
})
