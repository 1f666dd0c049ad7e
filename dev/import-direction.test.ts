import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterAll, expect, it } from "vitest"

// The lint rule that holds the direction of imports, tried on files that break it and on files that keep it.

const checkout = dirname(import.meta.dirname)
const folder = mkdtempSync(join(tmpdir(), "skypanel-imports-"))
afterAll(() => rmSync(folder, { recursive: true }))

const configuration = JSON.parse(readFileSync(join(checkout, "biome.json"), "utf8"))
const overrides = configuration.overrides.filter((each: object) =>
  JSON.stringify(each).includes("noRestrictedImports"),
)
writeFileSync(join(folder, "biome.json"), JSON.stringify({ root: true, overrides }))

type Case = readonly [file: string, specifier: string]

/** Each case is a file of its own beside the one that it stands for: all are linted in one run. */
const place = ([file]: Case, n: number) => join(dirname(file), `case-${n}.ts`)

/** The files among them in which the rule refuses the import. */
const refused = (cases: ReadonlyArray<Case>): ReadonlySet<string> => {
  for (const [n, one] of cases.entries()) {
    const path = join(folder, place(one, n))
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, `import ${JSON.stringify(one[1])}\n`)
  }
  const biome = join(checkout, "node_modules", "@biomejs", "biome", "bin", "biome")
  const { stdout } = spawnSync(
    process.execPath,
    [biome, "lint", "--only=style/noRestrictedImports", "--reporter=json", "--max-diagnostics=none", "."],
    { cwd: folder, encoding: "utf8" },
  )
  const { summary, diagnostics } = JSON.parse(stdout) as Report
  expect(summary.unchanged).toBe(cases.length + 1)
  return new Set(diagnostics.map(({ location }) => location.path.replace(/^\.\//, "")))
}

interface Report {
  readonly summary: { readonly unchanged: number }
  readonly diagnostics: ReadonlyArray<{ readonly location: { readonly path: string } }>
}

const wrong: ReadonlyArray<Case> = [
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
]

const right: ReadonlyArray<Case> = [
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
]

it("lets imports point one way", () => {
  const cases = [...wrong, ...right]
  const found = refused(cases)
  const taken = (all: ReadonlyArray<Case>) => all.filter((one) => !found.has(place(one, cases.indexOf(one))))
  expect(taken(wrong)).toEqual([])
  expect(taken(right)).toEqual(right)
})
