import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { nonce } from "./testing/Processes.ts"
import { openWorkbench, type Workbench } from "./testing/Workbench.ts"

/* What another organization has in this machine's store, for a build that knows its whole path. */

const secret = `secret-${nonce()}`
let bench: Workbench
/** An executable file of theirs, its hash, and a derivation of theirs. */
let theirs: string
/** A folder of theirs that can be started. */
let theirProgram: string
let hash: string
let theirDerivation: string
const nix = (...command: ReadonlyArray<string>) =>
  execFileSync(command[0]!, command.slice(1), { encoding: "utf8" }).trim()

beforeAll(async () => {
  bench = await openWorkbench()
  const folder = await mkdtemp(join(tmpdir(), "skypanel-theirs-"))
  const file = join(folder, `theirs-${nonce()}`)
  await writeFile(file, secret, { mode: 0o755 })
  theirs = nix("nix-store", "--add", file)
  hash = nix("nix-store", "--query", "--hash", theirs)
  theirDerivation = nix(
    "nix-instantiate",
    "--expr",
    `derivation { name = "theirs"; system = "x86_64-linux"; builder = "/bin/sh"; args = [ "${secret}" ]; }`,
  )
  const program = join(folder, `program-${nonce()}`)
  await mkdir(join(program, "bin"), { recursive: true })
  await writeFile(join(program, "bin", "run"), secret, { mode: 0o755 })
  theirProgram = nix("nix-store", "--add", program)
  await rm(folder, { recursive: true })
}, 180_000)
afterAll(() => bench?.close())

const build = (text: string) => bench.build({ _tag: "expression", expression: `{ pkgs, ... }: ${text}` })
const forged = (path: string, context: string) =>
  `builtins.appendContext "${path}" { "${path}" = ${context}; }`
const reading = (text: string) =>
  `pkgs.runCommand "x" { nonce = "${nonce()}"; } ''cat \${${text}} || ls -R \${${text}}; exit 1''`

describe("another organization's store path", { timeout: 60_000 }, () => {
  test("is there, for this test to be worth something", () => {
    expect(nix("cat", theirs)).toBe(secret)
  })
  test.each([
    ["a forged input of a derivation", () => reading(forged(theirs, "{ path = true; }"))],
    [
      "a forged input in the evaluator",
      () => `throw (builtins.readFile (${forged(theirs, "{ path = true; }")}))`,
    ],
    ["a forged derivation", () => reading(forged(theirDerivation, "{ allOutputs = true; }"))],
    ["a forged derivation's output", () => reading(forged(theirDerivation, '{ outputs = [ "out" ]; }'))],
    ["its path", () => `throw (builtins.readFile "${theirs}")`],
    [
      "its path in the builder",
      () => `pkgs.runCommand "x" { nonce = "${nonce()}"; } ''cat ${theirs}; exit 1''`,
    ],
    ["storePath", () => `throw (builtins.readFile (builtins.storePath "${theirs}"))`],
    ["its path and its hash", () => reading(`builtins.path { path = "${theirs}"; sha256 = "${hash}"; }`)],
    [
      "a tree",
      () => reading(`builtins.fetchTree { type = "path"; path = "${theirs}"; narHash = "${hash}"; }`),
    ],
    ["a flake", () => `throw (toString (builtins.getFlake "path:${theirs}?narHash=${hash}"))`],
    ["a hash of it", () => `throw (builtins.hashFile "sha256" "${theirs}")`],
    [
      "whether it is there",
      () => `if builtins.pathExists "${theirs}" then throw "${secret}" else throw "no"`,
    ],
  ])("cannot be read by %s", async (_, text) => {
    const { observed, lines } = await build(text())
    expect(observed.phase).toBe("failed")
    // What it asked for may be in a message: its own words are.
    const said = JSON.stringify([observed.failure, lines]).replaceAll(theirs, "").replaceAll(hash, "")
    expect(said).not.toContain(secret)
  })
  test("is not in the list of the store that a build sees: that is its own inputs", async () => {
    const { lines } = await build(
      `pkgs.runCommand "x" { nonce = "${nonce()}"; } ''printf '%s\\n' /nix/store/* /nix/var/*; exit 1''`,
    )
    const seen = lines.map(({ text }) => text).filter((text) => text.startsWith("/nix/"))
    expect(seen.length).toBeGreaterThan(3)
    expect(seen).not.toContain(theirs)
    expect(seen.filter((path) => !path.startsWith("/nix/store/"))).toEqual([])
    const all = nix("find", "/nix/store", "-maxdepth", "1").split("\n").length
    expect(seen.length).toBeLessThan(all / 2)
  })
  test("is not found by who looks for what starts an output", async () => {
    const { observed, lines } = await build(
      `pkgs.runCommand "x" { nonce = "${nonce()}"; } ''mkdir $out; ln -s /nix/store $out/bin''`,
    )
    expect(observed.failure).toMatchObject({
      code: "no-command",
      detail: "bin/ has nothing that can be started.",
    })
    expect(JSON.stringify(lines)).not.toContain("theirs-")
  })
})

describe("a value that only says it is a derivation", { timeout: 60_000 }, () => {
  const harmless = () => `(pkgs.writeText "x" "${nonce()}").drvPath`
  const value = (drvPath: string, more = "") =>
    `{ type = "derivation"; name = "x"; drvPath = ${drvPath}; outPath = "${theirProgram}"; meta.mainProgram = "run"; ${more} }`
  const touches = () =>
    bench.receiver.requests.filter((request) =>
      request.includes(theirProgram.slice("/nix/store/".length, 43)),
    )

  test("does not get the closure that it names as its output", async () => {
    const { observed, lines } = await build(value(harmless()))
    expect(observed.failure).toMatchObject({ code: "no-command" })
    expect(JSON.stringify([observed, lines])).not.toContain(theirProgram)
    expect(touches()).toEqual([])
  })
  test("is not built as the output that it names", async () => {
    const { observed } = await build(value(harmless(), 'outputName = "lib";'))
    expect(observed.failure).toMatchObject({ code: "evaluation-failed" })
  })
  test.each([
    ["another organization's", () => `"${theirDerivation}"`],
    ["another organization's output", () => `"${theirs}"`],
    ["one that there is not", () => `"/nix/store/${"0".repeat(32)}-x.drv"`],
    ["an option of a command", () => '"--all"'],
    ["nothing", () => '""'],
    ["a list of paths", () => `"\${${harmless()}}\n${theirDerivation}"`],
    [
      "a text that names their path as its output",
      () =>
        `builtins.toFile "x.drv" ''Derive([("out","${theirProgram}","","")],[],[],"x86_64-linux","/bin/sh",[],[("out","${theirProgram}")])''`,
    ],
    [
      "the text of a file by its hash that names their path as its output",
      () => {
        const own = createHash("sha256").update("own").digest("hex")
        const right = nix("nix-store", "--print-fixed-path", "sha256", own, "x")
        return `builtins.toFile "x.drv" ''Derive([("out","${theirProgram}","sha256","${own}")],[],[],"x86_64-linux","/bin/sh",["-c","printf own >$out"],[("out","${right}")])''`
      },
    ],
  ])("fails in words when its derivation is %s", async (_, drvPath) => {
    const { observed } = await build(value(drvPath()))
    expect(observed.failure).toMatchObject({ code: "evaluation-failed" })
    expect(touches()).toEqual([])
  })
})

test("another organization's evaluation is not remembered for who writes the same", {
  timeout: 60_000,
}, async () => {
  // It names a path of the first one, which only that one's evaluations know.
  const text = `{ pkgs, ... }: let mine = builtins.toFile "mine" "x${nonce()}"; in pkgs.writeShellScriptBin "x" "cat \${mine}"`
  const first = await bench.build({ _tag: "expression", expression: text })
  expect(first.observed.failure).toBeNull()
  const again = await bench.build({ _tag: "expression", expression: text })
  expect(again.lines.map((line) => line.text)).toContain("nothing has changed: it was built before")
  const other = await bench.build(
    { _tag: "expression", expression: text },
    {},
    "org_111111111111111111111111",
  )
  expect(other.observed.result?.storePath).toBe(first.observed.result?.storePath)
  expect(other.lines.map((line) => line.text)).not.toContain("nothing has changed: it was built before")
})
