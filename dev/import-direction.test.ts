import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"

// The lint rule that holds the direction of imports, tried on files that break it and on files that keep it.

const checkout = dirname(import.meta.dirname)
const folder = mkdtempSync(join(tmpdir(), "skypanel-imports-"))
afterAll(() => rmSync(folder, { recursive: true }))

const configuration = JSON.parse(readFileSync(join(checkout, "biome.json"), "utf8"))
const overrides = configuration.overrides.filter((each: object) =>
  JSON.stringify(each).includes("noRestrictedImports"),
)
writeFileSync(join(folder, "biome.json"), JSON.stringify({ root: true, overrides }))

/** What the rule says about one import in one file; empty when it may stand there. */
const verdict = (file: string, specifier: string): string => {
  const path = join(folder, file)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `import ${JSON.stringify(specifier)}\n`)
  const biome = join(checkout, "node_modules", "@biomejs", "biome", "bin", "biome")
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [biome, "lint", "--only=style/noRestrictedImports", file],
    { cwd: folder, encoding: "utf8" },
  )
  const output = stdout + stderr
  expect(output).toMatch("Checked 1 file")
  return /× (.*)/.exec(output)?.[1] ?? ""
}

describe("an import that points the wrong way is refused", () => {
  it.each([
    ["contract/src/Service.ts", "@skypanel/platform/main"],
    ["contract/src/Service.ts", "../../platform/src/config.ts"],
    ["contract/src/Service.ts", "node:fs"],
    ["agent/src/session/Session.ts", "../../../platform/src/config.ts"],
    ["agent/src/main.ts", "../../contract/src/Service.ts"],
    ["cli/src/main.ts", "@skypanel/agent/main"],
    ["ui/src/views/sky-login.ts", "../../../cli/src/main.ts"],
    ["ui/src/main.ts", "node:path"],
    ["platform/src/domain/prices.ts", "../store/Workers.ts"],
    ["platform/src/domain/artifacts/nar.ts", "../../http/Server.ts"],
    ["platform/src/domain/prices.ts", "../config.ts"],
    ["platform/src/domain/prices.ts", "dockerode"],
    ["platform/src/domain/notifications.ts", "nodemailer"],
    ["platform/src/domain/notifications.ts", "../mail/Mail.ts"],
    ["platform/src/store/Workers.ts", "../deploy/Deploy.ts"],
    ["platform/src/store/Notifications.ts", "../notify/Notifications.ts"],
    ["platform/src/mail/Mail.ts", "../notify/outbox.ts"],
    ["platform/src/notify/Notifications.ts", "../http/notifications.ts"],
    ["platform/src/orchestrator/Swarm.ts", "../http/Server.ts"],
    ["platform/src/artifacts/Cache.ts", "../main.ts"],
    ["platform/src/install/Installer.ts", "../http/install.ts"],
    ["platform/src/domain/prices.ts", "../install/facts.ts"],
    ["platform/src/deploy/Deploy.ts", "../http/Server.ts"],
    ["platform/src/fleet/Desired.ts", "../../../agent/src/main.ts"],
    ["platform/src/http/Server.ts", "../../../ui/src/main.ts"],
  ])("%s → %s", (file, specifier) => {
    expect(verdict(file, specifier)).not.toBe("")
  })
})

describe("an import that points the right way is not", () => {
  it.each([
    ["contract/src/Service.ts", "./Id.ts"],
    ["contract/src/Service.ts", "effect"],
    ["agent/src/main.ts", "@skypanel/contract/Service"],
    ["agent/src/main.ts", "node:fs"],
    ["cli/src/main.ts", "effect/http"],
    ["ui/src/main.ts", "@skypanel/contract/Service"],
    ["platform/src/domain/artifacts/nar.ts", "../id.ts"],
    ["platform/src/store/Workers.ts", "../domain/id.ts"],
    ["platform/src/store/Workers.ts", "effect/http"],
    ["platform/src/deploy/Deploy.ts", "../store/Workers.ts"],
    ["platform/src/mail/Mail.ts", "nodemailer"],
    ["platform/src/notify/outbox.ts", "../mail/Mail.ts"],
    ["platform/src/http/Server.ts", "../deploy/Deploy.ts"],
    ["platform/src/http/notifications.ts", "../notify/Notifications.ts"],
  ])("%s → %s", (file, specifier) => {
    expect(verdict(file, specifier)).toBe("")
  })
})
