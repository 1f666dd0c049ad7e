import { describe, expect, test } from "vitest"
import { nixSettings } from "./NixSettings.ts"

const limits = { buildSeconds: 60, silentSeconds: 10, logBytes: 1000 }
const settings = (role: Parameters<typeof nixSettings>[0], means?: Parameters<typeof nixSettings>[3]) =>
  Object.fromEntries(
    nixSettings(role, limits, 2, means)
      .trim()
      .split("\n")
      .map((line) => line.split(/ = ?(.*)/) as [string, string]),
  )

describe("Nix's settings", () => {
  test.each(["evaluate", "build", "copy"] as const)(
    "to %s never weaken the sandbox or trust a flake",
    (role) => {
      expect(settings(role)).toMatchObject({
        sandbox: "true",
        "sandbox-fallback": "false",
        "accept-flake-config": "false",
        "allow-import-from-derivation": "false",
        "allowed-uris": "",
        "pure-eval": "true",
        "require-sigs": "true",
        "post-build-hook": "",
        builders: "",
      })
      expect(settings(role)["system-features"]).not.toMatch(/kvm|nixos-test|recursive-nix/)
    },
  )
  test("restrict the evaluation, and give builds users of their own and limits", () => {
    expect(settings("evaluate")).toMatchObject({ "restrict-eval": "true", "build-users-group": "" })
    expect(settings("build")).toMatchObject({
      "build-users-group": "nixbld",
      timeout: "60",
      "max-silent-time": "10",
      "max-build-log-size": "1000",
    })
  })
  test("name caches and a shell only where the package set has them", () => {
    expect(settings("build")).toMatchObject({ substituters: "", "trusted-public-keys": "" })
    expect(settings("build")).not.toHaveProperty("sandbox-paths")
    const means = {
      substituters: [{ url: "https://cache.example", key: "k:1=" }],
      sandboxShell: "/nix/store/x/bin/sh",
    }
    expect(settings("build", means)).toMatchObject({
      substituters: "https://cache.example",
      "trusted-public-keys": "k:1=",
      "sandbox-paths": "/bin/sh=/nix/store/x/bin/sh",
    })
  })
})
