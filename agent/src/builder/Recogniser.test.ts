import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type RecogniserLimits, recogniseApart } from "./Recogniser.ts"

const offer = {
  name: "a set",
  node: [24],
  python: null,
  npmRegistry: "https://npm.example.org",
  crates: "https://crates.example.org",
  wheels: "https://wheels.example.org",
  cpu: "x64",
}
let folder = ""
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "skypanel-recognise-"))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const recognise = (limits?: RecogniserLimits) => Effect.runPromise(recogniseApart(folder, offer, {}, limits))
const failure = (limits?: RecogniserLimits) =>
  Effect.runPromise(Effect.flip(recogniseApart(folder, offer, {}, limits))).then((found) => found.failure)

describe("a process of its own", () => {
  test("says what a repository is, and what is wrong with it", async () => {
    expect(await failure()).toMatchObject({ code: "source-not-recognised", detail: expect.any(String) })
    await writeFile(join(folder, "index.html"), "<p>")
    expect(await recognise()).toMatchObject({ kind: "static", settings: { folder: "." } })
  })
  test("ends when it takes too long, and when it takes too much memory", async () => {
    const late = await failure({ seconds: 0.01, memoryMiB: 512 })
    expect(late).toMatchObject({ code: "source-not-recognised" })
    expect(late.title).toContain("took longer than")
    const large = await failure({ seconds: 20, memoryMiB: 4 })
    expect(large).toMatchObject({ code: "source-not-recognised" })
    expect(large.title).toContain("could not be read")
  })
})
