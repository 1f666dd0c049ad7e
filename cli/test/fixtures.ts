import type { DeploymentFailure } from "@skypanel/contract/Deployment"
import type { Session } from "@skypanel/contract/Session"
import type { Template } from "@skypanel/contract/Template"
import type { Worker } from "@skypanel/contract/Worker"

export const idOf = (prefix: string, number: number): string =>
  `${prefix}_${String(number).padStart(24, "0")}`

const MiB = 1024 * 1024

export const templates: ReadonlyArray<Template> = [
  {
    name: "nodejs",
    owner: "skypanel",
    title: "Node.js",
    description: "An HTTP application on Node.js",
    version: "1",
    category: "web",
    icon: "<svg/>",
    resources: { cpu: 0.5, memoryBytes: 128 * MiB, storageBytes: 32 * MiB },
    port: 3000,
    healthPath: "/health",
    environment: [{ name: "GREETING", value: "Hello", description: "What it says" }],
    options: [],
  },
]

export const workers: ReadonlyArray<Worker> = [
  {
    id: idOf("wrk", 1) as Worker["id"],
    name: "dev",
    development: true,
    roles: ["services", "builder"],
    labels: {},
    region: null,
    state: "active",
    reason: "",
    stateSince: new Date().toISOString(),
    availability: "active",
    takesNew: true,
    drain: null,
    quarantinedUntil: null,
    capacity: { cpu: 2, memoryBytes: 8192 * MiB, diskBytes: 65_536 * MiB },
    reserved: { cpu: 0.25, memoryBytes: 256 * MiB },
    health: { load1: 0.5, cpuPercent: 12, memoryUsedBytes: 2048 * MiB, diskUsedBytes: 8192 * MiB },
    versions: { agent: "0.1.0", runtime: "node 24.21.0", docker: "29.0.1", nix: null, haproxy: "2.6.12" },
    origin: "development",
    packageSet: { kind: "embedded", reference: "Debian 12 packages", reason: "nixpkgs cannot be reached" },
    address: "127.0.0.1:8000",
    instances: 1,
    builds: 0,
    alerts: [],
    lastHeartbeatAt: new Date().toISOString(),
    createdAt: new Date().toISOString(),
  },
]

export const session: Session = {
  user: {
    id: idOf("usr", 1) as Session["user"]["id"],
    email: "admin@skypanel.localhost",
    name: "Administrator",
    administrator: true,
  },
  organizations: [
    {
      id: idOf("org", 1) as Session["organizations"][number]["id"],
      slug: "acme",
      name: "Acme",
      role: "owner",
    },
  ],
  platform: {
    version: "0.1.0",
    development: true,
    endpointDomain: "localhost",
    endpointPort: 8000,
    prices: { currency: "USD", cpuHour: 10_000, memoryGibHour: 5000, storageGibHour: 100 },
    packageSet: workers[0]!.packageSet,
    largestWorker: workers[0]!.capacity,
  },
}

/** What a build that fails says, with an attempt to steer the terminal. */
export const failure: DeploymentFailure = {
  step: "building",
  code: "evaluation-syntax",
  title: "The Nix expression has a syntax error\u001b[2J",
  detail: "unexpected '}'",
  next: "Correct line 3 and deploy again.",
  lines: ["  2 | {", "  3 | }}", "\u001b]0;owned\u0007    | ^"],
  location: { file: "default.nix", line: 3, column: 2 },
}
