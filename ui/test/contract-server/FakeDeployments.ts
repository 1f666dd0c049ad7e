import type { Started } from "@skypanel/contract/api/shapes"
import {
  buildsSource,
  type Deployment,
  type DeploymentTrigger,
  isFinished,
  stepNames,
} from "@skypanel/contract/Deployment"
import type { LogLine } from "@skypanel/contract/Log"
import type { Instance, Service } from "@skypanel/contract/Service"
import type { Source } from "@skypanel/contract/Source"
import type { FakePlatform, Kept } from "./FakePlatform.ts"
import { failureFor } from "./failures.ts"
import { fakeId, now, type Writable } from "./ids.ts"

const digest = (seed: number): string =>
  `sha256:${(seed * 2654435761).toString(16).padStart(16, "0").repeat(4).slice(0, 64)}`

/** Brings services live step by step, each as long as the platform says. */
export class FakeDeployments {
  private readonly platform: FakePlatform

  constructor(platform: FakePlatform) {
    this.platform = platform
  }

  start(kept: Kept, trigger: DeploymentTrigger, release: number | null): Started {
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
        expectedMs: earlier && name !== "queued" ? Math.round(this.platform.stepMs * 1.2) : null,
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
      step.name === "queued" ? this.platform.stepMs / 10 : this.platform.stepMs,
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
          this.platform.events.emit(`build:${kept.service.name}:${deployment.number}`, [line])
        },
        (this.platform.stepMs * 0.9 * at) / texts.length,
      ).unref()
    })
  }

  finish(kept: Kept, deployment: Writable<Deployment>, status: "live" | "failed" | "canceled"): void {
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
    this.platform.events.emit(`build-end:${service.name}:${deployment.number}`)
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
    const active = this.platform.fleet.workers.filter(({ state }) => state === "active")
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
    this.platform.changed("deployment", service.name, deployment.number)
    this.platform.changed("service", service.name, null)
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
