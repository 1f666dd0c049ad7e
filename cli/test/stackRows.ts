import type { Stack, StackPart, StackRevision, StackTemplate } from "@skypanel/contract/Stack"
import type { Mutable } from "./fakeRows.ts"
import { idOf } from "./fixtures.ts"

const at = "2026-11-26T10:00:00.000Z"

export const part = (key: string, more: Partial<StackPart>): StackPart => ({
  key,
  title: key,
  source: { _tag: "template", template: key },
  public: false,
  port: 8080,
  healthPath: null,
  resources: { cpu: 0.25, memoryBytes: 2 ** 28, storageBytes: 2 ** 26 },
  replicas: 1,
  volume: null,
  environment: {},
  secrets: [],
  needs: [],
  ...more,
})

const parts = [
  part("db", {
    volume: { path: "/data", sizeBytes: 2 ** 30, whenWorkerIsLost: "wait" },
    secrets: ["password"],
  }),
  part("web", { public: true, needs: ["db"], environment: { DATABASE_URL: "${db.password}" } }),
]

export const stackTemplates: ReadonlyArray<StackTemplate> = [
  {
    name: "web-postgres",
    owner: "skypanel",
    title: "Application + PostgreSQL",
    description: "Both of it.",
    version: "1.0.0",
    icon: "<svg/>",
    services: parts,
  },
]

export const newRevision = (
  number: number,
  kind: StackRevision["kind"],
  target: number | null = null,
): StackRevision => ({
  number,
  kind,
  target,
  secret: kind === "rotate" ? "db.password" : null,
  secretsOfNow: number === 1 ? ["db.password"] : [],
  templateVersion: "1.0.0",
  status: "live",
  failure: null,
  steps: parts.map(({ key }) => ({ key, state: "live", detail: null, deployment: 1, release: 1 })),
  createdBy: "somebody@example.com",
  createdAt: at,
  finishedAt: at,
})

export const newStack = (name: string, template: string): Mutable<Stack> => ({
  id: idOf("stk", 1) as Stack["id"],
  organizationId: idOf("org", 1) as Stack["organizationId"],
  name,
  template,
  state: "live",
  services: parts.map((one) => ({
    ...one,
    name: `${name}-${one.key}`,
    state: "live",
    url: one.public ? `http://${name}.localhost` : `tcp://${name}-${one.key}:${one.port}`,
    deployment: null,
  })),
  secrets: [
    { name: "db.password", version: 1, createdAt: at, rotatedAt: null, shownAt: null, shownTo: null },
  ],
  revisions: [newRevision(1, "create")],
  hourlyPrice: 1000,
  createdBy: "somebody@example.com",
  createdAt: at,
})
