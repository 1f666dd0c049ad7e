import type { InstallationFacts, InstallFiles } from "../src/install/facts.ts"

const hash = (digit: string) => digit.repeat(64)

/** An installation of one worker, for tests of what is made from it. */
export const facts = (more: Partial<InstallationFacts> = {}): InstallationFacts => ({
  token: "T".repeat(43),
  name: "fra-1",
  roles: ["services", "ingress"],
  labels: { disk: "ssd" },
  region: "fra1",
  runtime: "deno",
  controlPlane: "https://panel.example.com",
  platformKey: "K".repeat(43),
  registryAddress: "panel.example.com:443",
  npmRegistry: "https://npm.example.com/",
  expiresAt: new Date("2027-01-01T12:00:00Z"),
  ...more,
})

export const files: InstallFiles = {
  agent: { path: `/install/agent/${hash("a")}.mjs`, sha256: hash("a"), bytes: 1, version: "0.1.0+aaaaaaaa" },
  launcher: { path: `/install/launcher/${hash("b")}.mjs`, sha256: hash("b"), bytes: 1 },
  runtimes: {
    x86_64: { path: `/install/runtime/deno-${hash("c")}.gz`, sha256: hash("c"), bytes: 100 },
  },
  flake: {
    path: `/install/flake/${hash("d")}.tar.gz`,
    sha256: hash("d"),
    bytes: 1,
    narHash: "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
  },
}
