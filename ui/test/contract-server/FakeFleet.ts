import type { EventEmitter } from "node:events"
import type { AuditEvent } from "@skypanel/contract/AuditEvent"
import type { FleetChange } from "@skypanel/contract/api/FleetGroup"
import type { UpdateWorker } from "@skypanel/contract/api/WorkersGroup"
import { NameTaken, NotFound, NotPossibleNow } from "@skypanel/contract/Errors"
import { type AgentUpgrade, defaultFleetPolicy, type Fleet, type FleetPolicy } from "@skypanel/contract/Fleet"
import type { Worker, WorkerInstance, WorkerSample } from "@skypanel/contract/Worker"
import type { WorkerImages } from "@skypanel/contract/WorkerImages"
import { fakeId, minutesAgo, now, type Writable } from "./ids.ts"
import { agentVersion, historyOf, imagesOf, instancesOf, sceneryWorkers } from "./workerScenery.ts"

/** The workers of the fake: they are drained, lost and removed in memory, one instance at each step. */
export class FakeFleet {
  workers: Writable<Worker>[] = sceneryWorkers()
  policy: FleetPolicy = defaultFleetPolicy
  brake: Fleet["brake"] = null
  upgrade: AgentUpgrade | null = null
  readonly audit: AuditEvent[] = []
  private readonly instances = new Map<string, Writable<WorkerInstance>[]>()
  private readonly events: EventEmitter
  private readonly stepMs: () => number

  constructor(events: EventEmitter, stepMs: () => number) {
    this.events = events
    this.stepMs = stepMs
    for (const worker of this.workers)
      this.write("SkyPanel", "worker.added", "It was added.", worker.name, "good")
  }

  changed(kind: FleetChange["kind"], worker: string | null = null): void {
    this.events.emit("fleet-changes", [{ kind, worker } satisfies FleetChange])
  }

  write(
    actor: string,
    action: string,
    text: string,
    worker: string | null,
    tone: AuditEvent["tone"] = "info",
  ): void {
    this.audit.unshift({ id: fakeId("aud"), at: now(), actor, action, text, worker, tone })
  }

  find(name: string): Writable<Worker> {
    const worker = this.workers.findLast((one) => one.name === name)
    if (!worker)
      throw new NotFound({
        message: `There is no worker "${name}".`,
        next: "The list of workers shows which there are.",
      })
    return worker
  }

  list(search: string): readonly Worker[] {
    const words = ({ name, region, labels, state }: Worker) =>
      [name, region, state, ...Object.entries(labels).flat()].join(" ").toLowerCase()
    return this.workers
      .filter((worker) => words(worker).includes(search.toLowerCase()))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  }

  get(): Fleet {
    return {
      policy: this.policy,
      brake: this.brake,
      agentVersion,
      outdated: this.outdated().map(({ id }) => id),
      upgrade: this.upgrade,
      common: [],
      warmWorkers: this.workers.length,
    }
  }

  outdated(): readonly Writable<Worker>[] {
    return this.workers.filter(
      ({ versions, origin, state }) =>
        versions !== null && versions.agent !== agentVersion && origin === "bundle" && state !== "removed",
    )
  }

  instancesOf(name: string): readonly WorkerInstance[] {
    const worker = this.find(name)
    const target = this.workers.find(({ state, id }) => state === "active" && id !== worker.id)?.name ?? null
    const kept = this.instances.get(worker.id) ?? instancesOf(worker, target)
    this.instances.set(worker.id, kept.slice(0, worker.instances))
    return this.instances.get(worker.id)!
  }

  history(name: string, hours: number): readonly WorkerSample[] {
    return historyOf(this.find(name), hours)
  }

  imagesOf(name: string): WorkerImages | null {
    return imagesOf(this.find(name))
  }

  eventsOf(name: string): readonly AuditEvent[] {
    this.find(name)
    return this.audit.filter(({ worker }) => worker === name)
  }

  setPolicy(policy: FleetPolicy, actor: string): Fleet {
    this.policy = policy
    this.write(actor, "fleet.policy", "The policy was changed.", null)
    this.changed("fleet")
    return this.get()
  }

  update(name: string, request: UpdateWorker, actor: string): Worker {
    const worker = this.find(name)
    if (
      request.name !== undefined &&
      request.name !== name &&
      this.workers.some((one) => one.name === request.name)
    )
      throw new NameTaken({ message: `The name "${request.name}" is taken.`, next: "Choose another name." })
    Object.assign(worker, request)
    this.write(actor, "worker.updated", "Its settings were changed.", worker.name)
    this.changed("worker", name)
    return worker
  }

  drain(name: string, actor: string): Worker {
    const worker = this.find(name)
    if (worker.availability !== "active")
      throw new NotPossibleNow({ message: "It is being drained already.", next: "Look at its progress." })
    this.write(actor, "worker.drain", "Its drain was started.", name)
    return this.empty(worker, "drain", actor)
  }

  undrain(name: string, actor: string): Worker {
    const worker = this.find(name)
    if (worker.availability !== "drain")
      throw new NotPossibleNow({ message: "It is not drained.", next: "There is nothing to do." })
    Object.assign(worker, { availability: "active", drain: null, takesNew: true })
    this.write(actor, "worker.undrain", "It takes services again.", name, "good")
    return this.become(worker, "active")
  }

  moveServices(name: string, force: boolean, actor: string): Worker {
    const worker = this.find(name)
    if (this.brake !== null && !force)
      throw new NotPossibleNow({
        message: "The brake holds.",
        next: "Say that it shall be done all the same.",
      })
    worker.instances = 0
    this.instances.delete(worker.id)
    this.write(actor, "worker.move-services", "Its services were started elsewhere.", name, "warn")
    this.changed("worker", name)
    return worker
  }

  readmit(name: string, actor: string): Worker {
    const worker = this.find(name)
    if (worker.state !== "quarantined")
      throw new NotPossibleNow({ message: "It is not quarantined.", next: "There is nothing to do." })
    Object.assign(worker, { quarantinedUntil: null, takesNew: true })
    this.write(actor, "worker.readmitted", "Its quarantine was ended.", name, "good")
    return this.become(worker, "active")
  }

  remove(name: string, force: boolean, actor: string): Worker {
    const worker = this.find(name)
    this.write(
      actor,
      "worker.remove",
      force ? "It was removed by force." : "Its removal was started.",
      name,
      "warn",
    )
    if (!force) return this.empty(worker, "remove", actor)
    Object.assign(worker, { availability: "remove", instances: 0, drain: null })
    return this.become(worker, "removed")
  }

  become(worker: Writable<Worker>, state: Worker["state"], reason = ""): Worker {
    Object.assign(worker, { state, reason, stateSince: now() })
    this.changed("worker", worker.name)
    return worker
  }

  private empty(worker: Writable<Worker>, availability: Worker["availability"], actor: string): Worker {
    Object.assign(worker, { availability, takesNew: false })
    worker.drain = {
      startedAt: now(),
      deadlineAt: minutesAgo(-this.policy.drainMinutes),
      startedBy: actor,
      total: worker.instances,
      left: worker.instances,
      stuck: [],
    }
    this.later(() => this.moveOne(worker, availability))
    return this.become(worker, "draining")
  }

  private moveOne(worker: Writable<Worker>, wanted: Worker["availability"]): void {
    if (worker.availability !== wanted || worker.drain === null) return
    if (worker.instances > 0) {
      worker.instances -= 1
      worker.drain = { ...worker.drain, left: worker.instances }
      this.changed("worker", worker.name)
      this.later(() => this.moveOne(worker, wanted))
      return
    }
    this.write("SkyPanel", "worker.drained", "Everything was moved away.", worker.name, "good")
    this.become(worker, wanted === "remove" ? "removed" : "drained")
  }

  later(run: () => void, steps = 1): void {
    setTimeout(run, this.stepMs() * steps).unref()
  }
}
