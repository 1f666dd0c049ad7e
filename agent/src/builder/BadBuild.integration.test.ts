import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { failureOf } from "./testing/Failures.ts"
import { openWorkbench, type Workbench } from "./testing/Workbench.ts"

let bench: Workbench
beforeAll(async () => {
  bench = await openWorkbench()
}, 180_000)
afterAll(async () => {
  await bench?.close()
})

const expression = (text: string, limits = {}) =>
  failureOf(bench, { _tag: "expression", expression: text }, limits)

const failing = (script: string) =>
  `{ pkgs, ... }: pkgs.runCommand "app" { nonce = "${Math.random()}"; } ''\n${script}\n''`

describe("a build", { timeout: 60_000 }, () => {
  test("that fails: the lines that matter, then the whole log", async () => {
    const { observed, lines } = await bench.build({
      _tag: "expression",
      expression: failing(
        "for n in $(seq 100); do echo step $n; done; echo 'main.c:3:1: error: no such thing' >&2; exit 3",
      ),
    })
    expect(observed.failure).toMatchObject({
      code: "build-failed",
      title: "Building app failed with exit code 3.",
    })
    expect(observed.failure!.lines).toEqual(["main.c:3:1: error: no such thing"])
    const texts = lines.map(({ text }) => text)
    expect(texts).toContain("step 1")
    expect(texts).toContain("step 100")
  })
  test("that prints without end", async () => {
    const { observed, lines } = await bench.build(
      { _tag: "expression", expression: failing("while :; do echo some words that nobody reads; done") },
      { logBytes: 100_000 },
    )
    expect(observed.failure).toMatchObject({ code: "build-limit" })
    expect(lines.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThan(110_000)
  })
  test("that does not end", async () => {
    expect(await expression(failing("while :; do :; done"), { buildSeconds: 3 })).toMatchObject({
      code: "build-limit",
    })
  })
  test("that eats memory", async () => {
    expect(
      await expression(failing("x=x; while :; do x=$x$x; done"), { memoryBytes: 300 * 1024 ** 2 }),
    ).toMatchObject({
      code: "build-limit",
    })
  })
  test("that makes nothing that can be started", async () => {
    const found = await expression(
      failing("mkdir -p $out/bin; for x in a b; do echo > $out/bin/$x; chmod +x $out/bin/$x; done"),
    )
    expect(found).toMatchObject({ code: "no-command" })
    expect(found.detail).toContain("a, b")
    expect(await expression(failing("echo > $out"))).toMatchObject({ code: "no-command" })
  })
  test("of a file that is not the one of its hash", async () => {
    const found = await expression(
      `{ pkgs, ... }: derivation { name = "x"; system = pkgs.system; builder = "\${pkgs.bash}/bin/sh"; args = [ "-c" "echo ${Math.random()} > $out" ];
        outputHashMode = "flat"; outputHashAlgo = "sha256"; outputHash = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="; }`,
    )
    expect(found.code).toBe("hash-mismatch")
    expect(found.detail).toContain("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
  })
})
