import { execFileSync } from "node:child_process"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type FlakeHost, startFlakeHost } from "../../test/flakeHost.ts"
import { facts, files } from "../../test/installation.ts"
import { renderScript } from "./render.ts"

// The flake that the script writes on a NixOS machine, evaluated by the real Nix. nixpkgs and the machine's own
// configuration are stand-ins of a few lines: what counts is what the flake makes of them.

let host: FlakeHost
beforeAll(async () => {
  host = await startFlakeHost()
  mkdirSync(join(host.folder, "machine"))
  writeFileSync(join(host.folder, "machine/configuration.nix"), '{ networking.hostName = "own"; }')
  mkdirSync(join(host.folder, "nixpkgs/nixos/lib"), { recursive: true })
  writeFileSync(join(host.folder, "nixpkgs/nixos/lib/eval-config.nix"), "given: { inherit given; }")
})
afterAll(() => host.stop())

/** The flake as `write_flake` of the script leaves it on a machine whose /etc/nixos is the folder `machine`. */
const written = (machineIsFlake: boolean) => {
  const { tarball, url, folder } = host
  const script = renderScript(
    facts({ controlPlane: url, registryAddress: "10.0.0.1:8080", roles: ["services", "builder"] }),
    { ...files, flake: tarball },
  )
  const settings = join(folder, `settings-${machineIsFlake}`)
  const machine = [
    ["settings", settings],
    ["host_name", "web-1"],
    ["machine_is_flake", String(machineIsFlake)],
  ]
  const lines = ["facts", ...machine.map(([name, value]) => `${name}='${value}'`), "write_flake"].join("\n")
  execFileSync("dash", ["-s"], { input: `${script.slice(0, script.lastIndexOf("{ main"))}\n${lines}\n` })
  const file = join(settings, "flake.nix")
  writeFileSync(file, readFileSync(file, "utf8").replaceAll("/etc/nixos", join(folder, "machine")))
  return `path:${settings}`
}

/** What a function of the machine's configuration gives. */
const evaluate = async (flake: string, apply: string) =>
  JSON.parse(
    await host.nix("eval", "--impure", "--json", `${flake}#nixosConfigurations.web-1`, "--apply", apply),
  )

describe("the flake of a NixOS worker", () => {
  it("adds the worker to a machine that is configured by /etc/nixos/configuration.nix", async () => {
    const given = await evaluate(
      written(false),
      `{ given, ... }: {
        own = (import (builtins.elemAt given.modules 0)).networking.hostName;
        worker = (builtins.elemAt given.modules 1).services.skypanel.worker;
      }`,
    )
    expect(given).toEqual({
      own: "own",
      worker: {
        enable: true,
        controlPlane: host.url,
        platformKey: "K".repeat(43),
        name: "fra-1",
        roles: ["services", "builder"],
        runtime: "deno",
        tokenFile: "/var/lib/skypanel/token",
        insecureRegistries: ["10.0.0.1:8080"],
        builder: { npmRegistry: "https://npm.example.com/" },
      },
    })
  })

  it("extends the configuration of a machine that has a flake of its own", async () => {
    host.write(
      "machine",
      `{
        outputs = _: {
          nixosConfigurations.web-1.extendModules = it: { extended = it; };
          nixosConfigurations.other.extendModules = _: throw "another machine";
        };
      }`,
    )
    const roles = "{ extended, ... }: (builtins.elemAt extended.modules 0).services.skypanel.worker.roles"
    expect(await evaluate(written(true), roles)).toEqual(["services", "builder"])
  })
})
