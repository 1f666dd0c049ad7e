import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { bridgesAreFiltered } from "./bridgeFilter.ts"

let folder = ""
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "skypanel-bridge-"))
})
afterEach(() => rmSync(folder, { recursive: true }))

describe("bridgesAreFiltered", () => {
  it("switches on what is off, and says what that was", async () => {
    const [on, off] = [join(folder, "on"), join(folder, "off")]
    writeFileSync(on, "1\n")
    writeFileSync(off, "0\n")
    expect(await Effect.runPromise(bridgesAreFiltered([on, off]))).toEqual([off])
    expect(readFileSync(off, "utf8")).toBe("1\n")
    expect(await Effect.runPromise(bridgesAreFiltered([on, off]))).toEqual([])
  })

  it("says what to do where the kernel's module is not loaded", async () => {
    const { reason } = await Effect.runPromise(Effect.flip(bridgesAreFiltered([join(folder, "none")])))
    expect(reason).toContain("modprobe br_netfilter")
  })
})
