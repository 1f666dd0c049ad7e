import type { AuditEvent } from "@skypanel/contract/AuditEvent"
import type { UpdateWorker } from "@skypanel/contract/api/WorkersGroup"
import { Forbidden, NameTaken, NotFound, NotPossibleNow } from "@skypanel/contract/Errors"
import { defaultFleetPolicy, type Fleet } from "@skypanel/contract/Fleet"
import type { CreateInstallation, Installation } from "@skypanel/contract/Installation"
import type { Worker, WorkerInstance, WorkerSample } from "@skypanel/contract/Worker"
import type { WorkerImages } from "@skypanel/contract/WorkerImages"
import { Effect } from "effect"
import { FakeUpgrades } from "./FakeUpgrades.ts"
import { instant, type Mutable } from "./fakeRows.ts"
import { session, workers } from "./fixtures.ts"
import { created, later, newAuditEvent, newInstallation, newWorker, newWorkerInstance } from "./fleetRows.ts"

/**
 * The workers of the fake platform. It checks what is asked of it as the real one does and keeps the wish; what then
 * happens to a worker (it registers, its instances move, it leaves) happens when the test says so.
 */
export class FakeFleet {
  /** Is the user who asks one? */
  administrator = true
  workers: Array<Mutable<Worker>> = workers.map((worker) => ({
    ...worker,
    stateSince: instant(),
    lastHeartbeatAt: instant(),
    createdAt: instant(),
  }))
  readonly instances = new Map<string, Array<WorkerInstance>>([["dev", [newWorkerInstance(1, "hello")]]])
  samples: ReadonlyArray<WorkerSample> = []
  readonly images = new Map<string, WorkerImages>()
  readonly installations: Array<Mutable<Installation>> = []
  readonly audit: Array<AuditEvent> = []
  readonly requests: Array<string> = []
  readonly upgrades = new FakeUpgrades()
  readonly fleet: Mutable<Fleet> = {
    policy: defaultFleetPolicy,
    brake: null,
    agentVersion: "0.2.0",
    outdated: [],
    upgrade: null,
    common: [],
    warmWorkers: 2,
  }
  private count = 1

  /** Refuses who is no administrator. */
  readonly allowed = Effect.suspend(() =>
    this.administrator
      ? Effect.void
      : Effect.fail(new Forbidden({ message: "Only administrators may do that.", next: "Ask one of them." })),
  )

  find(name: string) {
    const found = this.workers.find((worker) => worker.name === name)
    return found === undefined
      ? Effect.fail(
          new NotFound({
            message: `There is no worker ${name}.`,
            next: "See what there is with skypanel workers.",
          }),
        )
      : Effect.succeed(found)
  }

  /** For tests: the worker itself. */
  worker(name: string): Mutable<Worker> {
    return Effect.runSync(this.find(name))
  }

  add(of: Partial<Worker> & { readonly name: string }): Mutable<Worker> {
    const worker = newWorker(++this.count, of)
    this.workers.push(worker)
    return worker
  }

  private write(worker: Worker, action: string, text: string) {
    this.audit.unshift(newAuditEvent(++this.count, action, text, worker.name))
  }

  update(worker: Mutable<Worker>, wish: UpdateWorker): Effect.Effect<Worker, NameTaken> {
    if (wish.name !== undefined && this.workers.some((each) => each !== worker && each.name === wish.name))
      return Effect.fail(new NameTaken({ message: `${wish.name} is taken.`, next: "Choose another name." }))
    Object.assign(worker, wish)
    return Effect.succeed(worker)
  }

  drain(worker: Mutable<Worker>, minutes: number): Effect.Effect<Worker, NotPossibleNow> {
    if (worker.availability !== "active")
      return Effect.fail(
        new NotPossibleNow({ message: `${worker.name} is being emptied already.`, next: "Wait for it." }),
      )
    this.empty(worker, "drain", minutes)
    return Effect.succeed(worker)
  }

  private empty(worker: Mutable<Worker>, availability: Worker["availability"], minutes: number) {
    worker.availability = availability
    worker.state = "draining"
    worker.takesNew = false
    worker.drain = {
      startedAt: instant(),
      deadlineAt: later(minutes),
      startedBy: session.user.email,
      total: worker.instances,
      left: worker.instances,
      stuck: [],
    }
    this.write(worker, "worker.drain", `${worker.name} is emptied`)
  }

  /** For tests: so many instances are left on it; at none it is drained. */
  left(name: string, left: number, stuck: NonNullable<Worker["drain"]>["stuck"] = []) {
    const worker = this.worker(name)
    worker.drain = { ...worker.drain!, left, stuck }
    worker.instances = left
    if (left === 0 && worker.availability === "drain") worker.state = "drained"
  }

  undrain(worker: Mutable<Worker>): Effect.Effect<Worker, NotPossibleNow> {
    if (worker.availability === "active")
      return Effect.fail(new NotPossibleNow({ message: `${worker.name} is not drained.`, next: "" }))
    worker.availability = "active"
    worker.state = "active"
    worker.drain = null
    return Effect.succeed(worker)
  }

  moveServices(worker: Mutable<Worker>, force: boolean): Effect.Effect<Worker, NotPossibleNow> {
    if (worker.state !== "suspect" && worker.state !== "unhealthy")
      return Effect.fail(new NotPossibleNow({ message: `${worker.name} is not lost.`, next: "Drain it." }))
    if (this.fleet.brake !== null && !force)
      return Effect.fail(
        new NotPossibleNow({ message: "The brake holds.", next: "Use force to move all the same." }),
      )
    this.requests.push(`move-services ${worker.name}${force ? " by force" : ""}`)
    return Effect.succeed(worker)
  }

  readmit(worker: Mutable<Worker>): Effect.Effect<Worker, NotPossibleNow> {
    if (worker.state !== "quarantined")
      return Effect.fail(new NotPossibleNow({ message: `${worker.name} is not in quarantine.`, next: "" }))
    worker.state = "active"
    worker.quarantinedUntil = null
    return Effect.succeed(worker)
  }

  remove(worker: Mutable<Worker>, force: boolean): Effect.Effect<Worker, NotPossibleNow> {
    if (force) this.gone(worker.name)
    else if (worker.state === "unhealthy")
      return Effect.fail(
        new NotPossibleNow({ message: `${worker.name} does not answer.`, next: "Remove it by force." }),
      )
    else this.empty(worker, "remove", 15)
    return Effect.succeed(worker)
  }

  /** For tests: it has left. */
  gone(name: string) {
    const worker = this.worker(name)
    worker.state = "removed"
    this.workers = this.workers.filter((each) => each !== worker)
    this.write(worker, "worker.removed", `${name} was removed`)
  }

  install(request: CreateInstallation) {
    if (this.workers.some((worker) => worker.name === request.name))
      return Effect.fail(
        new NameTaken({ message: `${request.name} is taken.`, next: "Choose another name." }),
      )
    return Effect.succeed(this.open(request, null))
  }

  replace(worker: Worker) {
    return worker.development
      ? Effect.fail(new NotPossibleNow({ message: "A development worker has no identity.", next: "" }))
      : Effect.succeed(this.open({ name: worker.name }, worker.name))
  }

  private open(request: CreateInstallation, replaces: string | null) {
    const installation = newInstallation(++this.count, request, replaces)
    this.installations.unshift(installation)
    return created(installation)
  }

  installation(id: string) {
    const found = this.installations.find((installation) => installation.id === id)
    return found === undefined
      ? Effect.fail(new NotFound({ message: `There is no installation ${id}.`, next: "" }))
      : Effect.succeed(found)
  }

  revoke(installation: Mutable<Installation>) {
    if (installation.state === "used")
      return Effect.fail(
        new NotPossibleNow({ message: "It was used already.", next: "Remove its worker instead." }),
      )
    installation.state = "revoked"
    return Effect.succeed(installation)
  }

  /** For tests: a machine of that host name has used the newest installation and is joining. */
  register(hostName: string): Mutable<Worker> {
    const installation = this.installations[0]!
    const name = installation.name ?? hostName
    installation.state = "used"
    installation.worker = name
    return (
      this.workers.find((worker) => worker.name === name) ??
      this.add({ name, state: "joining", reason: "It has not reported yet.", takesNew: false })
    )
  }
}
