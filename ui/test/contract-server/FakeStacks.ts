import type { EventEmitter } from "node:events"
import type { Change } from "@skypanel/contract/api/shapes"
import { NameTaken, NotFound } from "@skypanel/contract/Errors"
import type {
  CreateStack,
  Stack,
  StackPart,
  StackRevision,
  StackSettings,
  StackTemplate,
} from "@skypanel/contract/Stack"
import { fakeId, now, type Writable } from "./ids.ts"

export const part = (key: string, title: string, more: Partial<StackPart>): StackPart => ({
  key,
  title,
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

const icon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><rect width="48" height="48" rx="12" fill="#31648c"/></svg>'

export const stackTemplates: readonly StackTemplate[] = [
  {
    name: "web-postgres",
    owner: "skypanel",
    title: "Application + PostgreSQL",
    description: "A web application with a database of its own.",
    version: "1.0.0",
    icon,
    services: [
      part("db", "PostgreSQL 15", {
        port: 5432,
        volume: { path: "/data", sizeBytes: 2 ** 30, whenWorkerIsLost: "wait" },
        environment: { POSTGRES_PASSWORD: "${db.password}" },
        secrets: ["password"],
      }),
      part("web", "Application", {
        public: true,
        healthPath: "/health",
        environment: { DATABASE_URL: "postgresql://app:${db.password}@${db.host}:${db.port}/app" },
        needs: ["db"],
      }),
    ],
  },
]

/** Stacks that are live as soon as they are made, unless their name starts with `fail-`. */
export class FakeStacks {
  readonly stacks = new Map<string, Writable<Stack>>()
  private readonly events: EventEmitter

  private readonly library: () => readonly StackTemplate[]

  constructor(events: EventEmitter, library: () => readonly StackTemplate[]) {
    this.events = events
    this.library = library
  }

  find(name: string): Writable<Stack> {
    const stack = this.stacks.get(name)
    if (!stack)
      throw new NotFound({ message: `There is no stack "${name}".`, next: "See the list of stacks." })
    return stack
  }

  create({ name, template, services = {} }: CreateStack): Stack {
    if (this.stacks.has(name))
      throw new NameTaken({ message: `There is a stack "${name}" already.`, next: "Choose another name." })
    const made = this.library().find((one) => one.name === template)!
    const fails = name.startsWith("fail-")
    const stack: Writable<Stack> = {
      id: fakeId("stk"),
      organizationId: fakeId("org"),
      name,
      template,
      state: fails ? "failed" : "live",
      services: made.services.map((one) => ({
        ...one,
        ...(services[one.key]?.source && { source: services[one.key]!.source! }),
        environment: { ...one.environment, ...services[one.key]?.environment },
        name: `${name}-${one.key}`,
        state: fails ? (one.public ? null : "failed") : "live",
        url: one.public ? `http://${name}-web-acme.localhost` : `tcp://${name}-db:5432`,
        deployment: { id: fakeId("dep"), number: 1 },
      })),
      secrets: [
        { name: "db.password", version: 1, createdAt: now(), rotatedAt: null, shownAt: null, shownTo: null },
      ],
      revisions: [],
      hourlyPrice: 12_000,
      createdBy: "kim@example.com",
      createdAt: now(),
    }
    this.stacks.set(name, stack)
    return this.revise(stack, "create", null)
  }

  update(name: string, _: StackSettings | undefined): Stack {
    return this.revise(this.find(name), "update", null)
  }

  revise(stack: Writable<Stack>, kind: StackRevision["kind"], target: number | null): Stack {
    const failed = stack.state === "failed"
    const revision: StackRevision = {
      number: stack.revisions.length + 1,
      kind,
      target,
      secret: kind === "rotate" ? "db.password" : null,
      secretsOfNow: [],
      templateVersion: "1.0.0",
      status: failed ? "failed" : "live",
      failure: failed
        ? { key: "db", title: "The program ended with code 1 as it started.", next: "Look at its log." }
        : null,
      steps: stack.services.map(({ key }) => ({
        key,
        state: failed ? (key === "db" ? "failed" : "skipped") : "live",
        detail: failed && key === "db" ? "The program ended with code 1 as it started." : null,
        deployment: 1,
        release: failed ? null : 1,
      })),
      createdBy: "kim@example.com",
      createdAt: now(),
      finishedAt: now(),
    }
    stack.revisions = [revision, ...stack.revisions]
    this.tell()
    return stack
  }

  rotate(name: string, secret: string): Stack {
    const stack = this.find(name)
    stack.secrets = stack.secrets.map((one) =>
      one.name === secret ? { ...one, version: one.version + 1, rotatedAt: now() } : one,
    )
    stack.revisions = stack.revisions.map((one) => ({ ...one, secretsOfNow: [secret] }))
    return this.revise(stack, "rotate", null)
  }

  reveal(name: string, secret: string) {
    const stack = this.find(name)
    stack.secrets = stack.secrets.map((one) =>
      one.name === secret ? { ...one, shownAt: now(), shownTo: "kim@example.com" } : one,
    )
    this.tell()
    return { name: secret, value: "shown-when-asked" }
  }

  delete(name: string): Stack {
    const stack = this.find(name)
    this.stacks.delete(name)
    this.tell()
    return { ...stack, state: "deleting" }
  }

  private tell(): void {
    this.events.emit("change", { kind: "stack", service: null, deployment: null } satisfies Change)
  }
}
