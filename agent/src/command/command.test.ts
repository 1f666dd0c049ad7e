import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import manifest from "../../package.json" with { type: "json" }
import { runCommand } from "./command.ts"

let dataFolder = ""
beforeEach(() => {
  dataFolder = mkdtempSync(join(tmpdir(), "skypanel-command-"))
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  rmSync(dataFolder, { recursive: true })
})

const printed = async (...args: ReadonlyArray<string>) => {
  const lines: Array<string> = []
  vi.spyOn(console, "log").mockImplementation((line) => void lines.push(line))
  return { code: await runCommand(args, { dataFolder }), text: lines.join("\n") }
}

describe("skypanel-agent version", () => {
  it("is the package's where the machine's own configuration brings the agent, also before that has ever run", async () => {
    vi.stubEnv("SKYPANEL_AGENT_SHA256", "5f2b9c1e".padEnd(64, "0"))
    expect(await printed("version")).toEqual({ code: 0, text: `${manifest.version}+5f2b9c1e` })
  })

  it("is what the agent said of itself where nothing else tells it, and none where it never ran", async () => {
    expect((await printed("version")).text).toBe("none")
    writeFileSync(join(dataFolder, "status.json"), JSON.stringify({ agent: "1.2.3+aaaaaaaa" }))
    expect((await printed("version")).text).toBe("1.2.3+aaaaaaaa")
  })
})
