import { createHash } from "node:crypto"
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { Effect, ManagedRuntime } from "effect"
import { afterAll, describe, expect, it } from "vitest"
import { Runtimes } from "./Runtimes.ts"
import { findRuntime } from "./runtimePrograms.ts"

const data = mkdtempSync(join(tmpdir(), "skypanel-runtimes-"))
afterAll(() => rmSync(data, { recursive: true, force: true }))

const own = process.arch === "arm64" ? "aarch64" : "x86_64"
const other = own === "x86_64" ? "aarch64" : "x86_64"

/** As another process of the platform with the same data folder. */
const available = async (runtime: "deno" | "node") => {
  const platform = ManagedRuntime.make(Runtimes.layer(data))
  try {
    return await platform.runPromise(Effect.flatMap(Runtimes, (runtimes) => runtimes.available(runtime)))
  } finally {
    await platform.dispose()
  }
}

describe("the runtimes for workers", () => {
  it.each(["deno", "node"] as const)(
    "%s comes from an npm package, compressed, under its hash",
    async (runtime) => {
      const file = (await available(runtime))[own]
      const program = readFileSync(findRuntime(runtime, own)!)
      expect(file).toMatchObject({
        path: `/install/runtime/${runtime}-${file?.sha256}.gz`,
        sha256: createHash("sha256").update(program).digest("hex"),
        bytes: program.length,
      })
      expect(gunzipSync(readFileSync(file!.file)).equals(program)).toBe(true)
    },
    60_000,
  )

  it("is compressed once, also for two platforms at a time", async () => {
    const before = (await available("deno"))[own]!
    const written = statSync(before.file).mtimeMs
    const both = await Promise.all([available("deno"), available("deno")])
    expect(both.map((each) => each[own]?.file)).toEqual([before.file, before.file])
    expect(statSync(before.file).mtimeMs).toBe(written)
    expect(readdirSync(join(data, "install/runtimes")).filter((name) => name.endsWith(".new"))).toEqual([])
  }, 60_000)

  it("is missing for machines that no npm package is there for", async () => {
    expect(findRuntime("node", other)).toBeNull()
    expect((await available("node"))[other]).toBeUndefined()
  })
})
