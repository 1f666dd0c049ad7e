import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { mkdir, rm, writeFile } from "node:fs/promises"
import { Effect } from "effect"
import { afterAll, beforeAll, expect, test } from "vitest"
import { readDerivation } from "./DerivationGraph.ts"
import { removeLeftovers } from "./Leftovers.ts"
import { nonce } from "./testing/Processes.ts"

/* The folder that a build works in, `<derivation>.chroot`, with nobody or somebody at work in it. */

const name = `left${nonce()}`
const gone = `/nix/store/${"0".repeat(32)}-${name}.drv`
const noDerivation = `/nix/store/${"1".repeat(32)}-${name}.drv`
let derivation: string
let output: string

beforeAll(async () => {
  const text = `derivation { name = "${name}"; system = "x86_64-linux"; builder = "/bin/sh"; }`
  derivation = execFileSync("nix-instantiate", ["--expr", text], { encoding: "utf8", stdio: "pipe" }).trim()
  output = (await readDerivation(derivation))!.outputs[0]!.path
  await writeFile(noDerivation, "This cannot be read as one.")
})
afterAll(async () => {
  const paths = [gone, noDerivation, derivation].map((path) => `${path}.chroot`)
  for (const path of [...paths, noDerivation, `${output}.lock`])
    await rm(path, { recursive: true, force: true })
})

/** Whether the folder is still there. */
const isLeft = async (drvPath: string): Promise<boolean> => {
  await mkdir(`${drvPath}.chroot/nix`, { recursive: true })
  await Effect.runPromise(removeLeftovers([drvPath]))
  return existsSync(`${drvPath}.chroot`)
}

test("what is left of a derivation that is not in the store is removed", async () => {
  expect(await isLeft(gone)).toBe(false)
})
test("so is what nobody builds", async () => {
  expect(await isLeft(derivation)).toBe(false)
})
test("what somebody builds is left", async () => {
  const held: ChildProcess = spawn("flock", [`${output}.lock`, "sh", "-c", "echo held; read line"], {
    stdio: ["pipe", "pipe", "inherit"],
  })
  await new Promise((resolve) => held.stdout!.once("data", resolve))
  expect(await isLeft(derivation)).toBe(true)
  const ended = new Promise((resolve) => held.once("close", resolve))
  held.stdin!.end("\n")
  await ended
  expect(await isLeft(derivation)).toBe(false)
})
test("so is that of which it cannot be known", async () => {
  expect(await isLeft(noDerivation)).toBe(true)
})
