import { execFileSync } from "node:child_process"
import { join } from "node:path"
import { beforeAll, describe, expect, it, vi } from "vitest"
import { addRepository, evaluateWith, type PreparedSet, prepare, type StoreTree } from "./evaluation.ts"

// The first one on a machine downloads and builds the embedded set.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 1_500_000 })

const root = join(import.meta.dirname, "..", "..")
const files = execFileSync("git", ["ls-files", "*.nix"], { cwd: root, encoding: "utf8" }).trim().split("\n")

describe("every Nix file", () => {
  it("is found", () =>
    expect(files).toEqual(expect.arrayContaining(["flake.nix", "nixos/embedded/default.nix"])))

  it.each(files)("%s parses", (file) => {
    execFileSync("nix-instantiate", ["--parse", join(root, file)], { stdio: "pipe" })
  })
})

describe("flake.lock", () => {
  it("is accepted with no network", () => {
    const args = ["flake", "metadata", "--offline", "--no-update-lock-file", "--json", `git+file://${root}`]
    const NIX_CONFIG = "experimental-features = nix-command flakes\nsubstituters ="
    const env = { ...process.env, NIX_CONFIG }
    const metadata = JSON.parse(execFileSync("nix", args, { env, encoding: "utf8", stdio: "pipe" }))
    expect(metadata.locks.nodes.nixpkgs.locked.rev).toBe("a5cc6f2c37bf518436dc8d1c288ccd0c43c2f4c4")
  })
})

/** Pure, with the embedded package set in nixpkgs' place, and the repository as a flake sees it. */
describe("what the embedded package set can stand in for", () => {
  let set: PreparedSet
  let repository: StoreTree
  beforeAll(async () => {
    set = await prepare()
    repository = await addRepository(set)
  })
  const evaluate = (expression: string) => evaluateWith(set, "repository", repository, expression)
  const store = (ending: string) => expect.stringMatching(new RegExp(`^/nix/store/[a-z0-9]{32}-${ending}$`))
  const flake = `(import "\${repository}/flake.nix").outputs {
    nixpkgs = {
      lib = pkgs.lib // { nixosSystem = { modules }: { inherit modules; }; };
      legacyPackages = { x86_64-linux = pkgs; aarch64-linux = pkgs; };
    };
  }`

  it("SkyPanel's programs", async () => {
    const programs = `builtins.mapAttrs (_: program: program.drvPath) (import "\${repository}/nixos/packages" { inherit pkgs; })`
    expect(await evaluate(programs)).toEqual({
      agent: store("skypanel-agent-[0-9.]+.drv"),
      cli: store("skypanel-[0-9.]+.drv"),
      platform: store("skypanel-platform-[0-9.]+.drv"),
      ui: store("skypanel-ui-[0-9.]+.drv"),
    })
  })

  it("the services of the templates, where no registry is known", async () => {
    const services = `builtins.mapAttrs (_: service: service.drvPath) (import "\${repository}/nixos/template-packages.nix" { inherit pkgs; })`
    expect(Object.keys(await evaluate(services))).toEqual(["go", "python", "static"])
  })

  it("the development shell, but for what the set lacks", async () => {
    const lacks = [
      ...["chromium", "debootstrap", "docker", "gvisor", "nftables"],
      ...["git-lfs", "postgresql", "shellcheck", "skopeo", "systemd", "wrk"],
    ]
    const names = JSON.stringify(lacks).replaceAll(",", " ")
    expect(await evaluate(`builtins.filter (name: pkgs ? \${name}) ${names}`)).toEqual([])
    const shell = `(import "\${repository}/nixos/dev-shell.nix" {
      pkgs = pkgs // pkgs.lib.genAttrs ${names} (_: null);
    }).default.drvPath`
    expect(await evaluate(shell)).toEqual(store("nix-shell.drv"))
  })

  it("the flake's table of contents", async () => {
    const outputs = `let outputs = ${flake}; in {
      all = builtins.attrNames outputs;
      modules = builtins.attrNames outputs.nixosModules;
      hosts = builtins.mapAttrs (_: host: builtins.length host.modules) outputs.nixosConfigurations;
      packages = builtins.attrNames outputs.packages.x86_64-linux;
      checks = builtins.attrNames outputs.checks.x86_64-linux;
      templates = builtins.attrNames outputs.templates;
    }`
    expect(await evaluate(outputs)).toEqual({
      all: [
        ...["checks", "devShells", "formatter", "nixosConfigurations", "nixosModules", "packages"],
        "templates",
      ],
      modules: ["binary-cache", "default", "platform", "worker"],
      hosts: { "all-in-one": 2, "control-plane": 2, worker: 2 },
      packages: ["go", "python", "static"],
      checks: ["modules", "package-go", "package-python", "package-static", "shell-default"],
      templates: ["go", "nodejs", "python", "static"],
    })
  })
})
