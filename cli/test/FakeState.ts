import type { Started } from "@skypanel/contract/api/shapes"
import type { Check } from "@skypanel/contract/Check"
import { type Deployment, type DeploymentFailure, isFinished } from "@skypanel/contract/Deployment"
import { NameTaken, NotFound, NotPossibleNow } from "@skypanel/contract/Errors"
import type { ExpressionText } from "@skypanel/contract/Expression"
import type { ImageCheck } from "@skypanel/contract/ImageCheck"
import type { KnownHash } from "@skypanel/contract/LearnedHash"
import type { PreparedCredential } from "@skypanel/contract/PreparedCredential"
import type { QueuedBuild } from "@skypanel/contract/QueuedBuild"
import type { RegistryCredential } from "@skypanel/contract/RegistryCredential"
import type { CreateService, Service, UpdateService } from "@skypanel/contract/Service"
import type { Stack } from "@skypanel/contract/Stack"
import { Effect } from "effect"
import { FakeFleet } from "./FakeFleet.ts"
import { FakeNotifications } from "./FakeNotifications.ts"
import {
  addressOf,
  type Held,
  instant,
  type Mutable,
  newDeployment,
  newInstance,
  newRelease,
  newService,
  secretsAfter,
} from "./fakeRows.ts"
import { failure } from "./fixtures.ts"
import type { Connection } from "./handlers/repository.ts"

/**
 * Stands for the platform in tests of the command line: it keeps what it is told and plays deployments, but builds
 * and runs nothing. Deployments move when a test says so (`advance`, `finish`) or, with `auto`, by themselves.
 */
export class FakeState {
  builds: ReadonlyArray<QueuedBuild> = []
  /** How the next checks end. */
  checked: Partial<Check> = {}
  /** Versions of every service's expression, oldest first. */
  expressions: ReadonlyArray<ExpressionText> = []
  learned: ReadonlyArray<KnownHash> = []
  registries: ReadonlyArray<RegistryCredential> = []
  /** What checks of images find, one after the other; the last one stays. */
  images: Array<Partial<ImageCheck>> = [{}]
  readonly services = new Map<string, Held>()
  readonly stacks = new Map<string, Mutable<Stack>>()
  readonly connections = new Map<string, Connection>()
  readonly prepared = new Map<string, PreparedCredential>()
  /** No host lets one in. */
  refusesCredentials = false
  readonly requests: Array<string> = []
  readonly folders = new Map<
    string,
    { readonly files: number; readonly bytes: number; readonly paths: ReadonlyArray<string> }
  >()
  readonly fleet = new FakeFleet()
  readonly notifications = new FakeNotifications()
  /** How deployments end that move by themselves; null: they wait for the test. */
  auto: "live" | "failed" | null = "live"
  private count = 0

  held(name: string) {
    const held = this.services.get(name)
    return held === undefined
      ? Effect.fail(
          new NotFound({
            message: `There is no service ${name}.`,
            next: "See what there is with skypanel services.",
          }),
        )
      : Effect.succeed(held)
  }

  create(request: CreateService): Effect.Effect<Started, NameTaken> {
    if (this.services.has(request.name))
      return Effect.fail(
        new NameTaken({ message: `${request.name} is taken.`, next: "Choose another name." }),
      )
    const service = newService(request, ++this.count)
    const held: Held = { service, deployments: [], releases: [], buildLogs: new Map(), log: [] }
    this.services.set(request.name, held)
    return Effect.succeed(this.deploy(held, "deploy"))
  }

  update(held: Held, request: UpdateService): Started {
    const { secrets, ...rest } = request
    Object.assign(held.service, rest, { secrets: secretsAfter(held.service.secrets, secrets) })
    Object.assign(held.service, addressOf(held.service))
    return this.deploy(held, request.source === undefined ? "configuration" : "deploy")
  }

  deploy(held: Held, trigger: Deployment["trigger"], release: number | null = null): Started {
    const deployment = newDeployment(held, trigger, release, ++this.count)
    held.deployments.unshift(deployment)
    held.buildLogs.set(deployment.number, [])
    this.tell(held)
    if (this.auto !== null) void this.play(held, deployment.number, this.auto)
    return { service: held.service, deployment }
  }

  private tell(held: Held) {
    const newest = held.deployments[0]!
    held.service.deployment = {
      id: newest.id,
      number: newest.number,
      status: newest.status,
      createdAt: newest.createdAt,
      failureTitle: newest.failure?.title ?? null,
    }
  }

  private async play(held: Held, number: number, end: "live" | "failed") {
    const pause = () => new Promise((resolve) => setTimeout(resolve, 15))
    while (!isFinished(this.at(held, number).status)) {
      await pause()
      if (this.at(held, number).status === "building") {
        this.printBuild(held, number, `building ${held.service.name}`)
        if (end === "failed") return this.finish(held, number, failure)
      }
      this.advance(held, number)
    }
  }

  at(held: Held, number: number): Mutable<Deployment> {
    return held.deployments.find((deployment) => deployment.number === number)!
  }

  printBuild(held: Held, number: number, text: string) {
    const log = held.buildLogs.get(number)!
    log.push({ seq: log.length, at: instant(), stream: "stdout", text, origin: "building" })
  }

  /** Ends the step that runs and begins the next; after the last, the deployment is live. */
  advance(held: Held, number: number) {
    const deployment = this.at(held, number)
    if (isFinished(deployment.status)) return
    const steps = [...deployment.steps]
    const running = steps.findIndex((step) => step.state === "running")
    if (running >= 0) steps[running] = { ...steps[running]!, state: "done", finishedAt: instant() }
    const next = steps.findIndex((step) => step.state === "pending")
    if (next >= 0) {
      steps[next] = { ...steps[next]!, state: "running", startedAt: instant() }
      deployment.status = steps[next]!.name
    }
    deployment.steps = steps
    if (next < 0) return this.finish(held, number, null)
    this.tell(held)
  }

  finish(held: Held, number: number, failure: DeploymentFailure | null) {
    const deployment = this.at(held, number)
    deployment.finishedAt = instant()
    deployment.failure = failure
    deployment.status = failure === null ? "live" : failure.code === "canceled" ? "canceled" : "failed"
    if (failure === null) this.serve(held, deployment)
    else {
      deployment.steps = deployment.steps.map((step) =>
        step.state === "running" ? { ...step, state: "failed", finishedAt: instant() } : step,
      )
      if (held.service.release === null) held.service.state = "failed"
    }
    this.tell(held)
  }

  private serve(held: Held, deployment: Mutable<Deployment>) {
    const old = held.releases.find((release) => release.number === deployment.release)
    for (const release of held.releases) release.current = false
    if (old !== undefined) old.current = true
    else held.releases.unshift(newRelease(held, deployment, ++this.count))
    const current = held.releases.find((release) => release.current)!
    deployment.release = current.number
    deployment.receipt = { seconds: 1.5, imageBytes: 40_000_000, layers: 9, newBytes: 12_000, newLayers: 1 }
    held.service.release = current.number
    held.service.state = "live"
    held.service.instances = Array.from({ length: deployment.replicas }, (_, slot) =>
      newInstance(deployment, slot),
    )
  }

  stop(held: Held): Effect.Effect<Service, NotPossibleNow> {
    if (held.service.state === "stopped")
      return Effect.fail(new NotPossibleNow({ message: "It is stopped already.", next: "Start it." }))
    held.service.state = "stopped"
    held.service.instances = []
    return Effect.succeed(held.service)
  }

  /** Two looks later it is gone. */
  delete(held: Held): Service {
    held.service.state = "deleting"
    setTimeout(() => this.services.delete(held.service.name), 30)
    return held.service
  }
}
