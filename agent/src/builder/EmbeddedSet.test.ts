import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Fiber } from "effect"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import type { BuilderConfig } from "./BuilderConfig.ts"
import { prepareEmbedded } from "./EmbeddedSet.ts"

/** As the set's own: it starts programs that take their time. */
const program = `
import { spawn } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
const { pid } = spawn("sleep", ["300"], { stdio: "ignore" })
writeFileSync(join(import.meta.dirname, "pid"), String(pid))
setInterval(() => undefined, 1000)
`

const runs = (pid: string): boolean => {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"))
  } catch {
    return false
  }
}

it("leaves none of its programs behind when nobody waits for it any more", async () => {
  const folder = mkdtempSync(join(tmpdir(), "skypanel-embedded-"))
  writeFileSync(join(folder, "prepare.mjs"), program)
  const config = { dataFolder: folder, embedded: folder, npmRegistry: "http://registry.test/" }
  const preparing = Effect.runFork(prepareEmbedded(config as BuilderConfig, "a test"))
  const pid = await vi.waitFor(() => readFileSync(join(folder, "pid"), "utf8"), { timeout: 15_000 })
  expect(runs(pid)).toBe(true)
  await Effect.runPromise(Fiber.interrupt(preparing))
  await vi.waitFor(() => expect(runs(pid)).toBe(false))
  rmSync(folder, { recursive: true, force: true })
})

/** As the set's own: it notes what it was asked for, and brings Rust once it may. */
const preparing = `
import { appendFileSync, existsSync } from "node:fs"
import { join } from "node:path"
const file = (name) => join(import.meta.dirname, name)
const extent = process.argv[process.argv.indexOf("--realise") + 1]
appendFileSync(file("asked"), extent + "\\n")
if (extent === "rust" && existsSync(file("broken"))) {
  console.error("no mirror of Debian answers")
  process.exit(1)
}
const answer = () => {
  if (extent === "rust" && !existsSync(file("go"))) return setTimeout(answer, 10)
  const entry = "/nix/store/" + "0".repeat(32) + "-set-with-" + extent
  console.log(JSON.stringify({ entry, narHash: "", system: "x86_64-linux", npmRegistry: "", sandboxShell: "" }))
}
answer()
`

describe("Rust", () => {
  const openSet = async () => {
    const folder = mkdtempSync(join(tmpdir(), "skypanel-rust-"))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    writeFileSync(join(folder, "prepare.mjs"), preparing)
    writeFileSync(
      join(folder, "packages.json"),
      '{ "npm": { "npm": { "package": "npm", "version": "11.0.0" } } }',
    )
    const config = { dataFolder: folder, embedded: folder, npmRegistry: "http://registry.test/" }
    const set = (await Effect.runPromise(prepareEmbedded(config as BuilderConfig, "a test")))!
    const notes: Array<string> = []
    const asked = () => readFileSync(join(folder, "asked"), "utf8").trim().split("\n")
    return {
      set,
      notes,
      asked,
      bring: (who: string) =>
        Effect.map(
          set.bringRust!(() => void notes.push(who)),
          ({ name }) => name,
        ),
      mark: (name: string) => writeFileSync(join(folder, name), ""),
      unmark: (name: string) => rmSync(join(folder, name)),
      isRunning: () => vi.waitFor(() => expect(asked()).toContain("rust"), { timeout: 15_000 }),
    }
  }

  it("is brought when the first service asks for it, once for all that ask meanwhile and later", async () => {
    const { set, notes, asked, bring, mark, isRunning } = await openSet()
    expect([asked(), set.packages.name]).toEqual([["base"], "set-with-base"])
    const both = Promise.all(["first", "second"].map((who) => Effect.runPromise(bring(who))))
    await isRunning()
    mark("go")
    expect(await both).toEqual(["set-with-rust", "set-with-rust"])
    expect(await Effect.runPromise(bring("third"))).toBe("set-with-rust")
    expect([asked(), notes]).toEqual([["base", "rust"], ["first"]])
  })

  it("that cannot be brought fails the build that asked, with why, and the next one tries again", async () => {
    const { asked, bring, mark, unmark } = await openSet()
    mark("go")
    mark("broken")
    expect((await Effect.runPromise(Effect.flip(bring("first")))).failure).toMatchObject({
      code: "no-builder",
      detail: "no mirror of Debian answers",
    })
    unmark("broken")
    expect(await Effect.runPromise(bring("second"))).toBe("set-with-rust")
    expect(asked()).toEqual(["base", "rust", "rust"])
  })

  it("is left to who waits for it when the build that had asked is canceled", async () => {
    const { notes, bring, mark, isRunning } = await openSet()
    const first = Effect.runFork(bring("first"))
    await isRunning()
    const second = Effect.runPromise(bring("second"))
    await Effect.runPromise(Fiber.interrupt(first))
    mark("go")
    expect(await second).toBe("set-with-rust")
    expect(notes).toEqual(["first", "second"])
  })

  it("and the others of the set's own files are told from what a service has fetched", async () => {
    const { isOwnFile } = (await openSet()).set
    expect(
      ["rustc_1.63.deb", "npm-11.0.0.tgz", "npm-10.0.0.tgz", "serde-1.0.0.crate"].map(isOwnFile),
    ).toEqual([true, true, false, false])
  })
})
