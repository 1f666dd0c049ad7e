import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { beforeAll, describe, expect, it, vi } from "vitest"
import {
  addToStore,
  closureOf,
  dataFolder,
  describeDerivation,
  evaluate,
  failureOf,
  type PreparedSet,
  prepare,
  realise,
  type StoreTree,
  templatesFolder,
} from "./evaluation.ts"

// A build that waits for its turn on a busy machine is no failure.
vi.setConfig({ testTimeout: 180_000 })

let set: PreparedSet
let templates: StoreTree

beforeAll(async () => {
  set = await prepare()
  templates = await addToStore(set, templatesFolder)
}, 1_500_000)

describe("prepare", () => {
  it("does nothing the second time, within two seconds", async () => {
    const from = performance.now()
    expect(await prepare()).toEqual(set)
    expect(performance.now() - from).toBeLessThan(2000)
  })

  it("gives an entry in the store and a static shell for the sandbox", () => {
    expect(set.entry).toMatch(/^\/nix\/store\/[a-z0-9]{32}-source$/)
    expect(execFileSync(set.sandboxShell, ["-c", "echo well"], { encoding: "utf8" })).toBe("well\n")
  })

  it("locks every Debian package with its version and hash, and keeps it from the garbage collector", () => {
    const { packages } = JSON.parse(readFileSync(join(dataFolder, "debian.lock.json"), "utf8"))
    expect(packages.length).toBeGreaterThan(100)
    for (const { name, version, sha256, storePath } of packages) {
      expect({ name, version, sha256 }).toEqual({
        name: expect.stringMatching(/^[a-z0-9][a-z0-9+.-]+$/),
        version: expect.stringMatching(/^\S+$/),
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      })
      expect(storePath).toMatch(/^\/nix\/store\/[a-z0-9]{32}-.*\.deb$/)
    }
    const roots = execFileSync("nix-store", ["-q", "--roots", packages[0].storePath], { encoding: "utf8" })
    expect(roots).toContain(dataFolder)
  })

  it("says what is wrong with its arguments", async () => {
    const program = join(import.meta.dirname, "prepare.mjs")
    expect(() => execFileSync(process.execPath, [program], { stdio: "pipe" })).toThrow("--data FOLDER")
  })
})

describe("the set", () => {
  it("evaluates every attribute that it has", async () => {
    const derivations = await evaluate(
      set,
      templates,
      `let
        inherit (pkgs) lib;
        values = removeAttrs pkgs [ "pkgs" "python3Packages" "python311Packages" ];
        python = removeAttrs pkgs.python3Packages [ "python" ];
        paths = all: lib.mapAttrs (_: value: value.drvPath) (lib.filterAttrs (_: lib.isDerivation) all);
      in { top = paths values; python = paths python; }`,
    )
    const promised =
      "bash coreutils nodejs nodejs_24 python3 go nginx curl jq hello redis cacert tzdata busybox".split(" ")
    expect(Object.keys(derivations.top)).toEqual(expect.arrayContaining(promised))
    expect(Object.keys(derivations.python)).toEqual(
      expect.arrayContaining(["flask", "gunicorn", "requests", "django"]),
    )
    for (const path of Object.values(derivations.top)) expect(path).toMatch(/\.drv$/)
  })

  it("lists its attributes quickly, and names the near ones of one that is missing", async () => {
    const names = await evaluate(set, templates, "builtins.attrNames pkgs")
    expect(names).toEqual(
      expect.arrayContaining(["stdenv", "writeShellApplication", "buildNpmPackage", "buildGoModule"]),
    )
    const message = await failureOf(evaluate(set, templates, "pkgs.pyton3.drvPath"))
    expect(message).toContain("attribute 'pyton3' missing")
    expect(message).toContain("Did you mean python3?")
  })

  it("sees nothing of the machine in a pure evaluation", async () => {
    expect(await failureOf(evaluate(set, templates, 'builtins.readFile "/etc/hostname"'))).toContain(
      "forbidden",
    )
    expect(await evaluate(set, templates, 'builtins.getEnv "PATH"')).toBe("")
  })

  const builds: Record<string, readonly [expression: string, output: string]> = {
    "runs a script from writeShellApplication with its inputs": [
      `pkgs.writeShellApplication { name = "p"; runtimeInputs = [ pkgs.jq ]; text = "echo '{\\"a\\": 5}' | jq .a"; }`,
      "5",
    ],
    "wraps a program with makeWrapper": [
      `pkgs.runCommand "p" { nativeBuildInputs = [ pkgs.makeWrapper ]; } ''
        makeWrapper \${pkgs.hello}/bin/hello $out/bin/p --add-flags "-g wrapped" --set A b
      ''`,
      "wrapped",
    ],
    "builds with make, patches, hooks and overrideAttrs": [
      `(pkgs.stdenv.mkDerivation (final: {
        pname = "p";
        version = "1";
        src = pkgs.writeTextDir "Makefile" "install:\\n\\tmkdir -p $(out)/bin\\n\\tcp p $(out)/bin/\\n";
        postPatch = "printf '#!/usr/bin/env bash\\necho \${final.version} %s\\n' $greeting >p; chmod +x p";
        postInstall = "substituteInPlace $out/bin/p --replace-fail hooked working";
        greeting = "hooked";
        meta.mainProgram = "p";
      })).overrideAttrs (old: { version = "2"; })`,
      "2 working",
    ],
    "runs Python with libraries": [
      `let python = pkgs.python3.withPackages (ps: [ ps.requests ps.pyyaml ps.numpy ]);
       in pkgs.writeShellScriptBin "p" "\${python}/bin/python3 -c 'import numpy, requests, ssl, sqlite3, yaml; print(numpy.arange(3).sum())'"`,
      "3",
    ],
    "builds a Python application with a console script": [
      `pkgs.python3Packages.buildPythonApplication {
        pname = "p"; version = "1"; pyproject = true;
        dependencies = [ pkgs.python3Packages.six ];
        src = pkgs.runCommand "source" { } ''
          mkdir -p $out/well
          printf 'import six\\ndef main(): print("from", six.text_type("python"))\\n' >$out/well/__init__.py
          printf '[project]\\nname = "p"\\nversion = "1"\\nscripts = { p = "well:main" }\\n' >$out/pyproject.toml
        '';
      }`,
      "from python",
    ],
    "runs the programs that an agent starts, with nothing of the machine": [
      `pkgs.writeShellApplication {
        name = "p"; inheritPath = false;
        runtimeInputs = with pkgs; [
          bubblewrap e2fsprogs git iproute2 iptables nix openssh socat util-linux deno haproxy gnugrep
        ];
        text = ''
          {
            bwrap --version; mkfs.ext4 -V; (git remote-https 2>&1 || true) | grep usage; ip -V; iptables -V; ip6tables-restore -V
            NIX_CONFIG="build-users-group =" nix-store --version
            ssh -V; socat -V; nsenter -V; losetup -V; deno --version; haproxy -v
          } >&2
          echo all
        '';
      }`,
      "all",
    ],
    "joins packages": [
      `pkgs.symlinkJoin { name = "p"; paths = [ pkgs.hello pkgs.jq ]; postBuild = "ln -s hello $out/bin/p"; }`,
      "Hello, world!",
    ],
  }
  it.each(Object.entries(builds))("%s", async (_, [expression, output]) => {
    const { drvPath } = await describeDerivation(set, templates, `(${expression})`)
    const path = await realise(set, drvPath)
    expect(execFileSync(join(path, "bin", "p"), { encoding: "utf8", env: {} }).trim()).toBe(output)
  })

  it("shows what a failing build wrote", async () => {
    const { drvPath } = await describeDerivation(
      set,
      templates,
      '(pkgs.runCommand "p" { } "echo the reason >&2; exit 3")',
    )
    const message = await failureOf(realise(set, drvPath))
    expect(message).toContain("the reason")
    expect(message).toContain("exit code 3")
  })

  it("has small closures", async () => {
    const { drvPath } = await describeDerivation(set, templates, "pkgs.hello")
    const names = (await closureOf(set, await realise(set, drvPath))).map((path) =>
      path.slice(44).replace(/-[0-9].*/, ""),
    )
    expect(names.sort()).toEqual(["glibc", "hello"])
  })
})
