import { EventEmitter } from "node:events"
import type { Change, Started } from "@skypanel/contract/api/shapes"
import { type Deployment, type DeploymentTrigger, isFinished } from "@skypanel/contract/Deployment"
import { NameTaken, NotFound, NotPossibleNow } from "@skypanel/contract/Errors"
import type { KnownHash } from "@skypanel/contract/LearnedHash"
import type { LogLine } from "@skypanel/contract/Log"
import type { PreparedCredential, ServiceCredential } from "@skypanel/contract/PreparedCredential"
import { hourlyPrice } from "@skypanel/contract/Price"
import type { QueuedBuild } from "@skypanel/contract/QueuedBuild"
import type { Release } from "@skypanel/contract/Release"
import { defaultResources } from "@skypanel/contract/Resources"
import type { CreateService, Service, UpdateService } from "@skypanel/contract/Service"
import type { Template, TemplateHistory } from "@skypanel/contract/Template"
import { FakeArtifacts } from "./FakeArtifacts.ts"
import { FakeCacheKeys } from "./FakeCacheKeys.ts"
import { FakeChecks } from "./FakeChecks.ts"
import { FakeDeployments } from "./FakeDeployments.ts"
import { FakeFleet } from "./FakeFleet.ts"
import { FakeImages } from "./FakeImages.ts"
import { FakeInbox } from "./FakeInbox.ts"
import { FakeInstallations } from "./FakeInstallations.ts"
import { FakeLibrary } from "./FakeLibrary.ts"
import { FakeRepositories } from "./FakeRepositories.ts"
import { FakeStacks } from "./FakeStacks.ts"
import { FakeUpgrades } from "./FakeUpgrades.ts"
import { fakeId, now, type Writable } from "./ids.ts"
import { prices, templates } from "./scenery.ts"
import { secretsAfter } from "./secrets.ts"

export interface Kept {
  service: Writable<Service>
  deployments: Writable<Deployment>[]
  releases: Writable<Release>[]
  buildLogs: Map<number, LogLine[]>
  logs: LogLine[]
}

/**
 * A fake: answers the contract from memory, so that the page can be tested and looked at alone. It builds and runs
 * nothing. Names choose what goes wrong: a service whose name starts with `fail-` fails, see `failures.ts`.
 */
export class FakePlatform {
  readonly events = new EventEmitter().setMaxListeners(0)
  readonly services = new Map<string, Kept>()
  templates: readonly Template[] = templates
  readonly fleet = new FakeFleet(this.events, () => this.stepMs)
  readonly installations = new FakeInstallations(this.fleet)
  readonly upgrades = new FakeUpgrades(this.fleet)
  readonly cacheKeys = new FakeCacheKeys()
  readonly artifacts = new FakeArtifacts(this.events, () => this.stepMs)
  readonly checks = new FakeChecks()
  readonly repositories = new FakeRepositories(this)
  readonly images = new FakeImages(this)
  readonly library = new FakeLibrary(() => this.stepMs)
  readonly stacks = new FakeStacks(this.events, () => this.library.offered())
  readonly learned = new Map<string, readonly KnownHash[]>()
  readonly prepared = new Map<string, PreparedCredential>()
  /** What services were created with. */
  readonly given: Array<ServiceCredential> = []
  readonly inbox = new FakeInbox(this.events)
  private readonly deployments = new FakeDeployments(this)
  /** How long each step of a deployment takes. */
  stepMs: number
  /** Answers every call with "unavailable" while set. */
  broken = false
  /** Templates with versions, of the organization or everyone's, by their names. */
  readonly histories = new Map<string, TemplateHistory>()
  /** Holds answers back, for looking at what is shown meanwhile. */
  delayMs = 0

  constructor(options: { readonly stepMs: number }) {
    this.stepMs = options.stepMs
  }

  find(name: string): Kept {
    const kept = this.services.get(name)
    if (!kept)
      throw new NotFound({
        message: `There is no service "${name}".`,
        next: "The list of services shows which there are.",
      })
    return kept
  }

  create(organization: string, request: CreateService): Started {
    if (this.services.has(request.name))
      throw new NameTaken({ message: `The name "${request.name}" is taken.`, next: "Choose another name." })
    if (request.credential !== undefined) this.given.push(request.credential)
    const resources = request.resources ?? defaultResources
    const service: Writable<Service> = {
      id: fakeId("svc"),
      organizationId: fakeId("org"),
      name: request.name,
      state: "deploying",
      url: null,
      source: request.source,
      environment: request.environment ?? {},
      secrets: secretsAfter([], request.secrets),
      resources,
      port: request.port === undefined ? 8080 : request.port,
      healthPath: request.healthPath ?? null,
      replicas: request.replicas ?? 1,
      volume: request.volume ?? null,
      public: false,
      stack: null,
      watchSeconds: 300,
      keptReleases: null,
      hourlyPrice: 0,
      release: null,
      deployment: null,
      instances: [],
      createdAt: now(),
    }
    const kept: Kept = { service, deployments: [], releases: [], buildLogs: new Map(), logs: [] }
    this.address(service, organization)
    service.hourlyPrice = hourlyPrice(prices, service)
    this.services.set(request.name, kept)
    return this.deployments.start(kept, "deploy", null)
  }

  /** Without a port it answers nowhere. */
  private address(service: Writable<Service>, organization: string): void {
    service.public = service.port !== null
    service.url = service.port === null ? null : `http://${service.name}-${organization}.localhost:8000`
  }

  update(name: string, request: UpdateService): Started {
    const kept = this.find(name)
    const { secrets, ...rest } = request
    Object.assign(kept.service, rest, { secrets: secretsAfter(kept.service.secrets, secrets) })
    this.address(kept.service, "acme")
    kept.service.hourlyPrice = hourlyPrice(prices, kept.service)
    return this.deployments.start(kept, request.source ? "deploy" : "configuration", kept.service.release)
  }

  forgetSecret(name: string, secret: string): Service {
    const { service } = this.find(name)
    service.secrets = service.secrets.map((one) => (one.name === secret ? { ...one, earlier: 0 } : one))
    this.events.emit("change", { kind: "service", service: name, deployment: null } satisfies Change)
    return service
  }

  order(name: string, trigger: DeploymentTrigger, release: number | null = null): Started {
    const kept = this.find(name)
    if (trigger === "start" && kept.service.state !== "stopped")
      throw new NotPossibleNow({ message: `"${name}" runs already.`, next: "Restart it." })
    return this.deployments.start(kept, trigger, release ?? kept.service.release)
  }

  /** What runs is built; what is queued waits for it. */
  builds(): readonly QueuedBuild[] {
    const open = [...this.services.values()].flatMap(({ service, deployments }) =>
      deployments
        .filter(({ status }) => status === "queued" || status === "building")
        .map((deployment) => ({ service, deployment })),
    )
    return open.map(({ service, deployment }, at) => ({
      organization: "acme",
      service: service.name,
      deployment: deployment.number,
      trigger: deployment.trigger,
      template: null,
      createdBy: deployment.createdBy,
      position: at === 0 ? null : at,
      reason: at === 0 ? null : "first; the builder is busy",
      phase: at === 0 ? "building" : "waiting",
      builder: at === 0 ? "fsn1-a" : null,
      canceled: false,
      queuedAt: deployment.createdAt,
      startedAt: at === 0 ? deployment.createdAt : null,
    }))
  }

  stop(name: string): Service {
    const { service } = this.find(name)
    service.state = "stopped"
    service.instances = []
    this.changed("service", name, null)
    return service
  }

  delete(name: string): Service {
    const { service } = this.find(name)
    service.state = "deleting"
    this.changed("service", name, null)
    setTimeout(() => {
      this.services.delete(name)
      this.changed("service", name, null)
    }, this.stepMs).unref()
    return service
  }

  cancel(name: string, number: number): Deployment {
    const kept = this.find(name)
    const deployment = kept.deployments.find((one) => one.number === number)
    if (!deployment || isFinished(deployment.status))
      throw new NotPossibleNow({ message: "It is not under way.", next: "Look at its end." })
    this.deployments.finish(kept, deployment, "canceled")
    return deployment
  }

  print(name: string, texts: readonly string[], stream: LogLine["stream"] = "stdout"): void {
    const { logs } = this.find(name)
    const lines = texts.map(
      (text, at): LogLine => ({ seq: logs.length + at + 1, at: now(), stream, text, origin: "c0ffee123456" }),
    )
    for (const line of lines) logs.push(line)
    this.events.emit(`logs:${name}`, lines)
  }

  changed(kind: Change["kind"], service: string | null, deployment: number | null): void {
    this.events.emit("change", { kind, service, deployment } satisfies Change)
  }
}
