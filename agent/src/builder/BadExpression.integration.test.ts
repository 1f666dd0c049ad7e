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

describe("a Nix expression", { timeout: 60_000 }, () => {
  test("with a syntax error: file, line and column", async () => {
    const found = await expression("{ pkgs, ... }:\npkgs.runCommand \"x\" { } ''\n  echo\n'' }\n")
    expect(found).toMatchObject({
      code: "evaluation-syntax",
      location: { file: "expression.nix", line: 4, column: 4 },
    })
    expect(found.title).toContain("line 4, column 4")
  })
  test("with an undefined attribute: the nearest names", async () => {
    const found = await expression("{ pkgs, ... }: pkgs.helo")
    expect(found).toMatchObject({
      code: "evaluation-undefined",
      location: { file: "expression.nix", line: 1 },
    })
    expect(found.title).toContain("helo")
    expect(found.next).toContain("hello")
  })
  test("with an undefined variable: the nearest names, or where it is", async () => {
    expect((await expression("{ pkgs, ... }: { x = pgks.hello; }.x")).next).toContain("pkgs")
    expect((await expression("{ pkgs, ... }: hello")).next).toContain("pkgs.hello")
  })
  test("whose function wants what is not there", async () => {
    expect(await expression("{ nodjs, stdenv }: nodjs")).toMatchObject({ code: "evaluation-undefined" })
  })
  test("that throws: its own words", async () => {
    const found = await expression('{ pkgs, ... }: throw "set the colour first"')
    expect(found.code).toBe("evaluation-failed")
    expect(`${found.title}${found.detail}`).toContain("set the colour first")
  })
  test.each([
    ["a string", '"text"'],
    ["a function of a function", "{ pkgs, ... }: x: x"],
    ["a set", "{ a = 1; }"],
  ])("that gives %s", async (_, text) => {
    const found = await expression(text)
    expect(found.code).toBe("evaluation-failed")
    expect(found.title).toContain("not a derivation")
  })
  test("that needs itself", async () => {
    expect(await expression("{ pkgs, ... }: let x = x; in x")).toMatchObject({ code: "evaluation-limit" })
    expect((await expression("{ pkgs, ... }: let f = n: 1 + f (n + 1); in f 0")).code).toBe(
      "evaluation-limit",
    )
  })
  test("that does not end", async () => {
    const found = await expression("{ pkgs, ... }: let f = n: if n == 0 then 0 else f (n + 1); in f 1", {
      evaluationSeconds: 2,
    })
    expect(found.code).toBe("evaluation-limit")
  })
  test("that eats memory", async () => {
    const found = await expression(
      '{ pkgs, ... }: let grow = s: grow (s + s); in builtins.deepSeq (builtins.genList (n: toString n) 100000000) (grow "xxxxxxxx")',
      { memoryBytes: 256 * 1024 ** 2 },
    )
    expect(found.code).toBe("evaluation-limit")
    expect(found.title).toContain("256 MiB")
  })
  test("that prints without end", async () => {
    const found = await expression(
      '{ pkgs, ... }: let f = n: builtins.trace (toString n + " some text to fill the line") (f (n + 1)); in f 0',
      { evaluationSeconds: 30 },
    )
    expect(found.code).toBe("evaluation-limit")
  })
})

describe("what is not its own is refused to", { timeout: 60_000 }, () => {
  test.each([
    'builtins.readFile "/etc/shadow"',
    'builtins.readDir "/"',
    "import /etc/passwd",
    'builtins.readDir "/nix/store"',
    'builtins.path { path = "/etc"; }',
    'builtins.storePath "/nix/store/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-x"',
    'builtins.fetchurl "http://169.254.169.254/latest"',
    'builtins.fetchTarball "http://127.0.0.1/x.tar.gz"',
    'builtins.fetchGit "file:///etc"',
    "import <nixpkgs> { }",
    'import (pkgs.runCommand "x" { } "echo 1 > $out")',
    'builtins.readFile (pkgs.runCommand "x" { } "echo 1 > $out")',
  ])("%s", async (text) => {
    expect(await expression(`{ pkgs, ... }: builtins.seq (${text}) pkgs.hello`)).toMatchObject({
      code: "access-refused",
    })
  })
  test("the environment and the machine's kind of system", async () => {
    const found = await expression(
      '{ pkgs, ... }: throw ("<" + builtins.getEnv "PATH" + builtins.getEnv "HOME" + ">")',
    )
    expect(found.detail).toContain("<>")
    expect((await expression("{ pkgs, ... }: builtins.currentSystem")).code).toBe("evaluation-undefined")
  })
})

test("with a newer Nix, which reads the store only, the same is built", { timeout: 60_000 }, async () => {
  const newer = await openWorkbench({}, true)
  try {
    const text =
      '{ pkgs, ... }: pkgs.runCommand "x" { } "mkdir -p $out/bin; echo > $out/bin/x; chmod +x $out/bin/x"'
    const source = { _tag: "expression", expression: text } as const
    const { observed } = await newer.build(source)
    expect(observed.failure).toBeNull()
    expect(observed.result?.storePath).toBe((await bench.build(source)).observed.result?.storePath)
    expect((await failureOf(newer, { _tag: "expression", expression: "}" })).location).toMatchObject({
      line: 1,
    })
  } finally {
    await newer.close()
  }
})
