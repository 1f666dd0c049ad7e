import { execFileSync, spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { facts, files } from "../../test/installation.ts"
import type { InstallationFacts } from "./facts.ts"
import { renderFailure, renderRefusal } from "./refusal.ts"
import { renderCommand, renderScript } from "./render.ts"

// What the shell itself makes of the texts that a machine is sent.

const dash = (script: string, ...args: ReadonlyArray<string>) =>
  spawnSync("dash", ["-s", "--", ...args], {
    input: script,
    encoding: "utf8",
    env: { PATH: "/usr/bin:/bin" },
  })

/** What a line prints once the shell has read the script's functions. */
const evaluate = (script: string, line: string) => {
  const { stdout, stderr, status } = dash(`${script.slice(0, script.lastIndexOf("{ main"))}\n${line}\n`)
  expect([status, stderr]).toEqual([0, ""])
  return stdout
}

const hostile = `'; touch /tmp/pwned; $(touch /tmp/pwned) \`id\` "\${HOME}" \\ & | END_OF_FILE #`

describe("the script", () => {
  it("is one that dash and shellcheck find in order", () => {
    for (const of of [facts(), facts({ roles: ["builder", "services"], runtime: "node", name: null })]) {
      const script = renderScript(of, files)
      execFileSync("dash", ["-n"], { input: script })
      const found = spawnSync("shellcheck", ["--shell=sh", "-"], { input: script, encoding: "utf8" })
      expect(found.stdout).toBe("")
    }
  })

  it("tells the shell exactly what it was told", () => {
    const values =
      'printf "%s\\n" "$control_plane" "$token" "$worker_name" "$roles" "$registry" "$agent_version"'
    expect(evaluate(renderScript(facts(), files), `facts; ${values}`).split("\n")).toEqual([
      "https://panel.example.com",
      "T".repeat(43),
      "fra-1",
      "services,ingress",
      "panel.example.com:443",
      "0.1.0+aaaaaaaa",
      "",
    ])
  })

  it.each<[string, Partial<InstallationFacts>]>([
    ["token", { token: hostile }],
    ["worker_name", { name: hostile }],
    ["platform_key", { platformKey: hostile }],
    ["registry", { registryAddress: hostile }],
    ["npm_registry", { npmRegistry: hostile }],
  ])("takes a hostile %s for a text", (variable, more) => {
    expect(evaluate(renderScript(facts(more), files), `facts; printf '%s' "$${variable}"`)).toBe(hostile)
  })

  it("takes nothing of an address but its origin", () => {
    const controlPlane = "https://panel.example.com:8443/'; touch /tmp/pwned; '?x=$(id)"
    const script = renderScript(facts({ controlPlane }), files)
    expect(evaluate(script, 'facts; printf %s "$control_plane"')).toBe("https://panel.example.com:8443")
  })

  it.each([
    ['{"no-new-privileges": true}', "right"],
    ['{\n  "no-new-privileges"\t:\n true,\n  "debug": false\n}', "right"],
    ['{"no-new-privileges": false}', "wrong"],
    ['{"debug": true}', "wrong"],
  ])("takes an engine's own settings, %j, for %s", (settings, found) => {
    const choose = `facts; read_options; daemon_file=$(mktemp); record=/dev/null; printf '%s' '${settings}' >"$daemon_file"
(choose_daemon_settings) 2>/dev/null && printf right || printf wrong; rm "$daemon_file"`
    expect(evaluate(renderScript(facts(), files), choose)).toBe(found)
  })

  it("runs nothing when it was cut off, wherever that was", () => {
    const script = renderScript(facts(), files)
    const lastLine = script.lastIndexOf("{ main")
    const cuts = [
      ...Array.from(script.matchAll(/\n/g), ({ index }) => index).filter((index) => index < lastLine),
      ...Array.from({ length: script.trimEnd().length - lastLine }, (_, more) => lastLine + more),
    ]
    const folder = mkdtempSync(join(tmpdir(), "skypanel-cut-"))
    const file = join(folder, "script")
    writeFileSync(file, script)
    // With this option it prints, and does no more. One shell tries all of them: there are as many as lines.
    const each = `for cut; do [ -z "$(head -c "$cut" '${file}' | dash -s -- --help 2>/dev/null)" ] || echo "$cut"; done`
    const sizes = cuts.map((cut) => String(Buffer.byteLength(script.slice(0, cut))))
    const whole = String(Buffer.byteLength(script))
    const { stdout, stderr } = dash(each, ...sizes, whole)
    rmSync(folder, { recursive: true })
    expect([stdout, stderr]).toEqual([`${whole}\n`, ""])
    expect(dash(script, "--help").stdout).toContain("Adds this machine")
  }, 60_000)
})

describe("a script that only says why there is no other", () => {
  it.each([
    ["unknown", "not known"],
    ["used", "has been used"],
    ["revoked", "was revoked"],
    ["expired", "has expired"],
    ["forbidden", "this machine's address"],
  ] as const)("%s", (reason, words) => {
    const { status, stdout, stderr } = dash(renderRefusal(reason))
    expect(status).toBe(1)
    expect(stdout).toBe("")
    expect(stderr).toContain(words)
    // What is wrong, and what to do next.
    expect(stderr.trim().split("\n")).toHaveLength(2)
  })

  it("quotes what went wrong on the platform", () => {
    const { status, stderr } = dash(renderFailure("it's $(id) `id`"))
    expect(status).toBe(1)
    expect(stderr).toContain("it's $(id) `id`")
  })

  it("runs nothing when it was cut off", () => {
    const script = renderRefusal("used")
    for (let cut = 0; cut < script.trimEnd().length; cut++)
      expect(dash(script.slice(0, cut)).stderr).not.toContain("skypanel:")
  }, 60_000)
})

describe("the command", () => {
  it("cannot be broken out of", () => {
    const command = renderCommand(facts({ token: "'; id; '" })).replace(" | sh", "")
    expect(dash(`curl() { printf %s "$2"; }; ${command}`).stdout).toBe(
      "https://panel.example.com/install/';%20id;%20'",
    )
  })
})
