import { execFile, execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

const checkout = join(import.meta.dirname, "..", "..")
const template = readFileSync(join(import.meta.dirname, "flake.nix.in"), "utf8")
const environment = {
  ...process.env,
  NIX_CONFIG: "experimental-features = nix-command flakes\nbuild-users-group =\nsubstituters =",
}
const nix = async (args: ReadonlyArray<string>, more: Record<string, string> = {}) =>
  (
    await promisify(execFile)("nix", args, { env: { ...environment, ...more }, timeout: 120_000 })
  ).stdout.trim()

let folder = ""
let flakeUrl = ""
const write = (path: string, text: string) => {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

/** As a platform serves it: what Git has, and the agent as it was built. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "skypanel-installer-"))
  const files = execFileSync("git", ["ls-files", "-z", "flake.nix", "flake.lock", "modules", "nixos"], {
    cwd: checkout,
  })
  const source = join(folder, "skypanel")
  mkdirSync(join(source, "agent", "dist"), { recursive: true })
  execFileSync("tar", ["--create", "--null", "--files-from=-", `--file=${source}.files`], {
    cwd: checkout,
    input: files,
  })
  execFileSync("tar", ["--extract", `--file=${source}.files`], { cwd: source })
  write("skypanel/agent/dist/agent.mjs", "// the agent\n")
  execFileSync("tar", ["--create", "--gzip", `--file=${source}.tar.gz`, "skypanel"], { cwd: folder })
  const narHash = await nix(["hash", "path", "--sri", source])
  flakeUrl = `file://${source}.tar.gz?narHash=${encodeURIComponent(narHash)}`
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const render = (more: Record<string, string>) => {
  const values: Record<string, string> = {
    flakeUrl: JSON.stringify(flakeUrl),
    controlPlane: '"https://panel.example.com"',
    platformKey: `"${"A".repeat(43)}"`,
    workerName: "null",
    roles: '[ "services" "ingress" ]',
    runtime: '"deno"',
    tokenFile: '"/var/lib/skypanel/token"',
    insecureRegistries: "[ ]",
    npmRegistry: "null",
    hostName: "machine",
    ...more,
  }
  return Object.entries(values).reduce((text, [name, value]) => text.replaceAll(`@${name}@`, value), template)
}

/** What the flake hands to the module system, as this expression over `modules` shows it. */
const evaluate = (name: string, text: string, expression: string, more: Record<string, string> = {}) => {
  write(`${name}/flake.nix`, text)
  const flake = `path:${join(folder, name)}#nixosConfigurations.machine.modules`
  const args = ["eval", "--impure", "--offline", "--json", flake, "--apply", `modules: ${expression}`]
  return nix(args, more).then(JSON.parse)
}

const settings = `(builtins.elemAt modules (builtins.length modules - 1)).services.skypanel.worker`
const expected = {
  enable: true,
  controlPlane: "https://panel.example.com",
  platformKey: "A".repeat(43),
  name: null,
  roles: ["services", "ingress"],
  runtime: "deno",
  tokenFile: "/var/lib/skypanel/token",
  insecureRegistries: [],
  builder: { npmRegistry: null },
}

describe("the flake that the installation script writes", () => {
  it("has no placeholder that the documentation does not name", () => {
    const documentation = readFileSync(join(import.meta.dirname, "README.md"), "utf8")
    const names = [...template.matchAll(/@(\w+)@/g)].map(([placeholder]) => placeholder)
    for (const placeholder of new Set(names)) expect(documentation).toContain(`\`${placeholder}\``)
  })

  it("adds the worker to a machine with channels, with no network", async () => {
    write(
      "channels/nixpkgs/nixos/lib/eval-config.nix",
      "{ modules }: { modules = map (module: if builtins.isPath module then toString module else module) modules; }",
    )
    const text = render({ machineIsFlake: "false" })
    const NIX_PATH = `nixpkgs=${join(folder, "channels/nixpkgs")}`
    expect(await evaluate("on-channels", text, settings, { NIX_PATH })).toEqual(expected)
    const first = "builtins.elemAt modules 0"
    expect(await evaluate("on-channels", text, first, { NIX_PATH })).toBe("/etc/nixos/configuration.nix")
  })

  it("adds the worker to a machine that is a flake, with no network", async () => {
    write(
      "machine/flake.nix",
      "{ outputs = _: { nixosConfigurations.machine.extendModules = { modules }: { inherit modules; }; }; }",
    )
    const text = render({ machineIsFlake: "true" }).replace('"/etc/nixos"', `"${join(folder, "machine")}"`)
    expect(await evaluate("on-flake", text, settings)).toEqual(expected)
  })

  it("takes the module from what the platform serves, and from nothing that has another hash", async () => {
    const text = render({ machineIsFlake: "true" }).replace('"/etc/nixos"', `"${join(folder, "machine")}"`)
    const first = "(list: builtins.elemAt list 0)"
    const module = `${first} (${first} (${first} modules).imports).imports`
    expect(await evaluate("served", text, `toString (${module})`)).toMatch(
      /^\/nix\/store\/[a-z0-9]{32}-source\/modules\/worker$/,
    )
    const other = text.replace(/narHash=[^"]*/, `narHash=${encodeURIComponent(`sha256-${"A".repeat(43)}=`)}`)
    await expect(evaluate("altered", other, "true")).rejects.toThrow(/hash/i)
  })
})
