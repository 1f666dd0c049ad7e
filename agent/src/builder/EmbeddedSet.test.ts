import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Fiber } from "effect"
import { expect, it, vi } from "vitest"
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
