import type { PriceList } from "@skypanel/contract/Price"
import type { Template } from "@skypanel/contract/Template"
import type { PackageSet, Worker } from "@skypanel/contract/Worker"

const MiB = 1024 * 1024
const GiB = 1024 * MiB

export const prices: PriceList = {
  currency: "USD",
  cpuHour: 9_600,
  memoryGibHour: 6_800,
  storageGibHour: 140,
}

export const packageSet: PackageSet = {
  kind: "embedded",
  reference: "Debian 12 packages",
  reason: "nixpkgs cannot be reached from here",
}

const letter = (text: string, colour: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><rect width="40" height="40" rx="10" fill="${colour}"/><text x="20" y="26" font-family="sans-serif" font-size="16" font-weight="700" text-anchor="middle" fill="#fff">${text}</text></svg>`

const template = (name: string, title: string, description: string, icon: string): Template => ({
  name,
  title,
  description,
  version: "1.0.0",
  category: "Language",
  icon,
  resources: { cpu: 0.25, memoryBytes: 256 * MiB, storageBytes: 64 * MiB },
  port: 8080,
  healthPath: "/health",
  environment: [{ name: "GREETING", value: "Hello", description: "What the page says" }],
})

export const templates: readonly Template[] = [
  template(
    "nodejs",
    "Node.js",
    "An HTTP app with npm dependencies from its lock file.",
    letter("JS", "#3c873a"),
  ),
  template(
    "python",
    "Python",
    "A WSGI app with its requirements, served by gunicorn.",
    letter("Py", "#3673a5"),
  ),
  template("go", "Go", "One static binary with modules from go.sum.", letter("Go", "#007d9c")),
  template(
    "static",
    "Static site",
    "HTML, CSS and images, served with sensible headers.",
    letter("{}", "#b4572e"),
  ),
]

const versions = {
  agent: "0.1.0",
  runtime: "Node.js 24.21.0",
  docker: "20.10.24",
  nix: "2.8.0",
  haproxy: "2.6.12",
}

const worker = (name: string, rest: Partial<Worker>): Worker => ({
  id: `wrk_${name
    .replace(/[^0-9a-z]/g, "")
    .padEnd(24, "0")
    .slice(0, 24)}` as never,
  name,
  development: false,
  roles: ["services", "builder"],
  state: "connected",
  capacity: { cpu: 8, memoryBytes: 32 * GiB, diskBytes: 400 * GiB },
  health: { load1: 1.2, cpuPercent: 23, memoryUsedBytes: 11_674 * MiB, diskUsedBytes: 96 * GiB },
  versions,
  packageSet,
  instances: 3,
  builds: 1,
  lastHeartbeatAt: new Date().toISOString(),
  createdAt: new Date(Date.now() - 86_400_000 * 12).toISOString(),
  ...rest,
})

export const workers: readonly Worker[] = [
  worker("embedded", { development: true }),
  worker("fsn1-a", {
    roles: ["services"],
    packageSet: null,
    builds: 0,
    instances: 17,
    health: { load1: 6.9, cpuPercent: 86, memoryUsedBytes: 31_334 * MiB, diskUsedBytes: 180 * GiB },
  }),
  worker("fsn1-b", {
    state: "silent",
    instances: 4,
    lastHeartbeatAt: new Date(Date.now() - 190_000).toISOString(),
    packageSet: {
      kind: "nixpkgs",
      reference: "github:NixOS/nixpkgs/a5cc6f2c37bf518436dc8d1c288ccd0c43c2f4c4",
      reason: "as configured",
    },
  }),
  worker("hel1-new", {
    state: "never-seen",
    capacity: null,
    health: null,
    versions: null,
    packageSet: null,
    instances: 0,
    builds: 0,
    lastHeartbeatAt: null,
  }),
]
