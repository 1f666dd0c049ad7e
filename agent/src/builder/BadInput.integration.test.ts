import type { DeploymentFailure } from "@skypanel/contract/Deployment"
import type { Source } from "@skypanel/contract/Source"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type GitServer, openGitServer } from "./testing/GitServer.ts"
import { openWorkbench, token, type Workbench } from "./testing/Workbench.ts"

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

const failure = async (
  source: Source,
  limits: Parameters<Workbench["build"]>[1] = {},
): Promise<DeploymentFailure> => {
  const { observed, lines } = await bench.build(source, limits)
  expect(observed.failure, JSON.stringify(observed.result)).not.toBeNull()
  const told = JSON.stringify([observed.failure, lines])
  for (const hidden of [bench.config.dataFolder, bench.config.templates, token])
    expect(told).not.toContain(hidden)
  expect(observed.failure!.lines.length).toBeLessThanOrEqual(40)
  return observed.failure!
}
const expression = (text: string, limits = {}) => failure({ _tag: "expression", expression: text }, limits)
const repository = (url: string, ref: string | null = null) => failure({ _tag: "git", url, ref })

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
    expect(found.code).toBe("build-failed")
    expect(found.detail).toContain("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
  })
})

describe("a Git repository", { timeout: 60_000 }, () => {
  test("that does not exist", async () => {
    const found = await repository(`${git.origin}/nobody/.git`)
    expect(found).toMatchObject({ code: "source-not-found" })
    expect(found.title).toContain("no Git repository")
  })
  test("on a host that does not answer, or that does not exist", async () => {
    expect((await repository("http://127.0.0.1:1/x.git")).title).toContain("127.0.0.1")
    expect((await repository("https://nobody.invalid/x.git")).title).toContain("nobody.invalid")
  })
  test("without the ref", async () => {
    const { url } = await git.commit("noref", { "index.html": "<p>" })
    const found = await repository(url, "v9")
    expect(found.code).toBe("source-not-found")
    expect(found.title).toContain("“v9”")
    expect((await repository(url, "deadbee")).next).toContain("40 characters")
  })
  test("with nothing recognisable: what was looked for and found", async () => {
    const { url } = await git.commit("nothing", { "README.md": "# Words", "src/main.zig": "" })
    const found = await repository(url)
    expect(found.code).toBe("source-not-recognised")
    expect(found.detail).toContain("README.md, src/")
    expect(found.detail).toContain("index.html")
  })
  test("with a lock file that does not match", async () => {
    const { url } = await git.commit("mismatch", {
      "package.json": JSON.stringify({
        name: "x",
        version: "1.0.0",
        scripts: { start: "node ." },
        dependencies: { "is-number": "7.0.0", "is-odd": "3.0.1" },
      }),
      "package-lock.json": JSON.stringify({
        name: "x",
        version: "1.0.0",
        lockfileVersion: 3,
        requires: true,
        packages: { "": { name: "x", version: "1.0.0", dependencies: {} } },
      }),
    })
    expect(await repository(url)).toMatchObject({ code: "lock-mismatch" })
  })
  test("with a link that leads out", async () => {
    const { url } = await git.commit("link", { "index.html": "<p>", "flake.nix": { link: "/etc/passwd" } })
    const found = await repository(url)
    expect(found).toMatchObject({ code: "source-refused" })
    expect(found.title).toContain("flake.nix")
  })
  test("that is too large", async () => {
    const { url } = await git.commit("large", { "index.html": "<p>", zeros: "0".repeat(3_000_000) })
    const found = await failure({ _tag: "git", url, ref: null }, { sourceBytes: 1_000_000 })
    expect(found).toMatchObject({ code: "source-refused" })
  })
  test.each([
    "file:///etc",
    "ext::sh -c id",
    "--upload-pack=touch /tmp/x",
    "-oProxyCommand=id",
    "ssh://-oProxyCommand=id/x",
    "git://127.0.0.1/x",
    "https://user:secret@example.org/x.git",
    "/etc",
  ])("at %s is refused", async (url) => {
    expect(await repository(url)).toMatchObject({ code: "source-refused" })
  })
})
