import { EventEmitter } from "node:events"
import type { Change, Started } from "@skypanel/contract/api/shapes"
import {
  buildsSource,
  type Deployment,
  type DeploymentTrigger,
  isFinished,
  stepNames,
} from "@skypanel/contract/Deployment"
import { NameTaken, NotFound, NotPossibleNow } from "@skypanel/contract/Errors"
import type { KnownHash } from "@skypanel/contract/LearnedHash"
import type { LogLine } from "@skypanel/contract/Log"
import type { PreparedCredential, ServiceCredential } from "@skypanel/contract/PreparedCredential"
import { hourlyPrice } from "@skypanel/contract/Price"
import type { QueuedBuild } from "@skypanel/contract/QueuedBuild"
import type { Release } from "@skypanel/contract/Release"
import { defaultResources } from "@skypanel/contract/Resources"
import type { CreateService, Instance, Service, UpdateService } from "@skypanel/contract/Service"
import type { Source } from "@skypanel/contract/Source"
import type { Template, TemplateHistory } from "@skypanel/contract/Template"
import { FakeArtifacts } from "./FakeArtifacts.ts"
import { FakeCacheKeys } from "./FakeCacheKeys.ts"
import { FakeChecks } from "./FakeChecks.ts"
import { FakeFleet } from "./FakeFleet.ts"
import { FakeImages } from "./FakeImages.ts"
import { FakeInbox } from "./FakeInbox.ts"
import { FakeInstallations } from "./FakeInstallations.ts"
import { FakeLibrary } from "./FakeLibrary.ts"
import { FakeRepositories } from "./FakeRepositories.ts"
import { FakeStacks } from "./FakeStacks.ts"
import { FakeUpgrades } from "./FakeUpgrades.ts"
import { failureFor } from "./failures.ts"
import { fakeId, now, type Writable } from "./ids.ts"
import { prices, templates } from "./scenery.ts"
import { secretsAfter } from "./secrets.ts"

interface Kept {
  service: Writable<Service>
  deployments: Writable<Deployment>[]
  releases: Writable<Release>[]
  buildLogs: Map<number, LogLine[]>
  logs: LogLine[]
}

const digest = (seed: number): string =>
  `sha256:${(seed * 2654435761).toString(16).padStart(16, "0").repeat(4).slice(0, 64)}`

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
    return this.deploy(kept, "deploy", null)
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
    return this.deploy(kept, request.source ? "deploy" : "configuration", kept.service.release)
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
    return this.deploy(kept, trigger, release ?? kept.service.release)
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
    this.finish(kept, deployment, "canceled")
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

  private deploy(kept: Kept, trigger: DeploymentTrigger, release: number | null): Started {
    const { service } = kept
    const builds = buildsSource(trigger)
    const earlier = kept.deployments.some(({ status }) => status === "live")
    const deployment: Writable<Deployment> = {
      id: fakeId("dep"),
      serviceId: service.id,
      number: kept.deployments.length + 1,
      trigger,
      status: "queued",
      steps: stepNames.map((name) => ({
        name,
        state: !builds && (name === "building" || name === "publishing") ? "skipped" : "pending",
        startedAt: null,
        finishedAt: null,
        expectedMs: earlier && name !== "queued" ? Math.round(this.stepMs * 1.2) : null,
        detail: null,
      })),
      source: service.source,
      revision: service.source._tag === "git" ? "3f2c9e1b7a6d5c4b3a29181706f5e4d3c2b1a090" : null,
      recognisedAs: recognised(service.source),
      environment: service.environment,
      secrets: service.secrets,
      resources: service.resources,
      port: service.port,
      healthPath: service.healthPath,
      replicas: service.replicas,
      volume: service.volume,
      release: builds ? null : release,
      failure: null,
      returned: null,
      receipt: null,
      createdBy: "ada@example.org",
      createdAt: now(),
      finishedAt: null,
    }
    kept.deployments.unshift(deployment)
    kept.buildLogs.set(deployment.number, [])
    this.publish(kept, deployment)
    this.step(kept, deployment, 0)
    return { service, deployment }
  }

  private step(kept: Kept, deployment: Writable<Deployment>, at: number): void {
    if (isFinished(deployment.status)) return
    const steps = deployment.steps as Writable<Deployment["steps"][number]>[]
    const step = steps[at]
    if (!step) {
      this.finish(kept, deployment, "live")
      return
    }
    if (step.state === "skipped") {
      this.step(kept, deployment, at + 1)
      return
    }
    step.state = "running"
    step.startedAt = now()
    deployment.status = step.name
    this.publish(kept, deployment)
    if (step.name === "building") this.printBuild(kept, deployment)
    setTimeout(
      () => {
        if (isFinished(deployment.status)) return
        step.finishedAt = now()
        const failure = failureFor(kept.service.name, step.name)
        step.state = failure ? "failed" : "done"
        if (failure) {
          deployment.failure = failure
          return this.finish(kept, deployment, "failed")
        }
        this.step(kept, deployment, at + 1)
      },
      step.name === "queued" ? this.stepMs / 10 : this.stepMs,
    ).unref()
  }

  private printBuild(kept: Kept, deployment: Writable<Deployment>): void {
    const texts = buildLog(kept.service, failureFor(kept.service.name, "building")?.lines ?? [])
    const lines = kept.buildLogs.get(deployment.number)!
    texts.forEach((text, at) => {
      setTimeout(
        () => {
          const line: LogLine = {
            seq: at + 1,
            at: now(),
            stream: at % 9 === 8 ? "stderr" : "stdout",
            text,
            origin: "building",
          }
          lines.push(line)
          this.events.emit(`build:${kept.service.name}:${deployment.number}`, [line])
        },
        (this.stepMs * 0.9 * at) / texts.length,
      ).unref()
    })
  }

  private finish(kept: Kept, deployment: Writable<Deployment>, status: "live" | "failed" | "canceled"): void {
    const { service } = kept
    deployment.status = status
    deployment.finishedAt = now()
    const seconds = (Date.parse(deployment.finishedAt) - Date.parse(deployment.createdAt)) / 1000
    if (status === "live") {
      deployment.release ??= this.release(kept, deployment)
      service.state = "live"
      service.release = deployment.release
      for (const release of kept.releases) release.current = release.number === deployment.release
      service.instances = Array.from({ length: service.replicas }, (_, slot) =>
        this.instance(service, deployment.number, slot),
      )
      const built = buildsSource(deployment.trigger)
      deployment.receipt = {
        seconds,
        imageBytes: 118_489_088,
        layers: 42,
        newBytes: built ? 184_320 : 0,
        newLayers: built ? 1 : 0,
      }
    } else if (service.release === null) service.state = "failed"
    this.publish(kept, deployment)
    this.events.emit(`build-end:${service.name}:${deployment.number}`)
  }

  private release(kept: Kept, deployment: Deployment): number {
    const number = kept.releases.length + 1
    kept.releases.unshift({
      id: fakeId("rel"),
      number,
      current: true,
      imageDigest: digest(number + kept.service.name.length),
      imageBytes: 118_489_088,
      imageGone: false,
      storePath: "/nix/store/0c1qkpj3kzz8h4n4ys3q0pvx5r0f6w2a-hello",
      source: deployment.source,
      revision: deployment.revision,
      environment: deployment.environment,
      secrets: deployment.secrets,
      resources: deployment.resources,
      port: deployment.port,
      healthPath: deployment.healthPath,
      replicas: deployment.replicas,
      volume: deployment.volume,
      secretsOfNow: [],
      createdAt: now(),
    })
    return number
  }

  private instance(service: Service, deployment: number, slot: number): Instance {
    const active = this.fleet.workers.filter(({ state }) => state === "active")
    return {
      containerId: `c0ffee12345${slot.toString(16)}${"ab12".repeat(13)}`,
      worker: active[slot % active.length]?.name ?? "nowhere",
      deployment,
      slot,
      state: "running",
      healthy: true,
      probe: service.healthPath
        ? `GET ${service.healthPath} answered 200 in 3 ms`
        : service.port === null
          ? "its process has stayed up for 10 s"
          : `port ${service.port} accepted a connection in 1 ms`,
      exitCode: null,
      startedAt: now(),
    }
  }

  private publish(kept: Kept, deployment: Deployment): void {
    const { service } = kept
    service.deployment = {
      id: deployment.id,
      number: deployment.number,
      status: deployment.status,
      createdAt: deployment.createdAt,
      failureTitle: deployment.failure?.title ?? null,
    }
    this.changed("deployment", service.name, deployment.number)
    this.changed("service", service.name, null)
  }
}

const recognised = (source: Source): string | null =>
  source._tag === "git" ? "package-lock.json → npm; script `start` → node server.js" : null

const buildLog = (service: Service, failing: readonly string[]): readonly string[] => [
  `\u001b[1mfetching\u001b[0m ${service.source._tag} source`,
  "evaluating derivation",
  "these 3 derivations will be built:",
  "  /nix/store/9w1c2n1l0q4s6a8x-node-modules.drv",
  `  /nix/store/1k2j3h4g5f6d7s8a-${service.name}.drv`,
  ...Array.from({ length: 40 }, (_, at) =>
    at % 10 === 9
      ? `\u001b[33mwarning:\u001b[0m deprecated package number ${at}`
      : `${service.name}> \u001b[32m✓\u001b[0m compiled src/module-${at}.js in ${12 + at} ms`,
  ),
  ...failing,
  ...(failing.length > 0 ? [] : ["copying 42 paths to the platform", "\u001b[32mdone\u001b[0m"]),
]
