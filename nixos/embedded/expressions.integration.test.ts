import { execFileSync } from "node:child_process"
import { join } from "node:path"
import { describe, expect, it } from "vitest"

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
