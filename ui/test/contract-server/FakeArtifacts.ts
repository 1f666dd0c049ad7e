import type { EventEmitter } from "node:events"
import {
  type ArtifactPin,
  type ArtifactPlan,
  type ArtifactPolicy,
  type ArtifactRun,
  type ArtifactStatus,
  defaultArtifactPolicy,
  noProgress,
} from "@skypanel/contract/Artifacts"
import type { PinRequest, Repair } from "@skypanel/contract/api/ArtifactsGroup"
import { NotFound, NotPossibleNow } from "@skypanel/contract/Errors"
import { now } from "./ids.ts"

const GiB = 1024 ** 3
const dayMs = 86_400_000

/** An artifact store that is not there: it collects as long as a step of a deployment takes. */
export class FakeArtifacts {
  policy: ArtifactPolicy = { ...defaultArtifactPolicy, totalBytes: 200 * GiB }
  pins: readonly ArtifactPin[] = []
  runs: readonly ArtifactRun[] = []
  damage: ArtifactStatus["damage"] = [
    {
      fileHash: "ab".repeat(32),
      kind: "changed",
      seenAt: now(),
      storePaths: ["8h9xw2c0y3kq4v5z6n7m1l2p3r4s5a6b-shop"],
      releases: [{ organization: "acme", service: "shop", number: 1 }],
    },
  ]
  private count = 0

  private readonly events: EventEmitter
  private readonly stepMs: () => number

  constructor(events: EventEmitter, stepMs: () => number) {
    this.events = events
    this.stepMs = stepMs
  }

  private changed(): void {
    this.events.emit("fleet-changes", [{ kind: "artifacts", worker: null }])
  }

  get(): ArtifactStatus {
    return {
      policy: this.policy,
      files: 4210,
      fileBytes: 93 * GiB,
      paths: 4300,
      buriedPaths: 120,
      buriedBytes: 3 * GiB,
      freeBytes: 310 * GiB,
      organizations: [
        { organization: "acme", uniqueBytes: 41 * GiB, sharedBytes: 12 * GiB, images: 38 },
        { organization: "initech", uniqueBytes: 9 * GiB, sharedBytes: 12 * GiB, images: 7 },
      ],
      growth: Array.from({ length: 30 }, (_, day) => ({
        at: new Date(Date.now() - (29 - day) * dayMs).toISOString(),
        fileBytes: (60 + day + (day % 5)) * GiB,
        paths: 3000 + day * 40,
      })),
      traffic: [
        { kind: "narinfo", hits: 9120, misses: 880 },
        { kind: "nar", hits: 4020, misses: 0 },
      ],
      pins: this.pins,
      damage: this.damage,
      runs: this.runs,
    }
  }

  plan(): ArtifactPlan {
    return {
      images: [
        {
          organization: "acme",
          service: "shop",
          releases: [1, 2],
          imageDigest: `sha256:${"5e".repeat(32)}`,
          reason: "the store is over its budget",
        },
      ],
      largest: [{ storePath: "0c5b1n2v3x4z5l6k7j8h9g0f1d2s3a4q-shop-dependencies", bytes: 700 * 1024 ** 2 }],
      paths: 41,
      bytes: 2 * GiB,
      duePaths: 12,
      dueBytes: GiB,
      overBytes: 0,
    }
  }

  setPolicy(policy: ArtifactPolicy): ArtifactStatus {
    this.policy = policy
    this.changed()
    return this.get()
  }

  start(kind: ArtifactRun["kind"], startedBy: string): ArtifactRun {
    if (this.runs.some(({ state }) => state === "running"))
      throw new NotPossibleNow({ message: "Another one goes on.", next: "Wait until it has ended." })
    const id = `run_${++this.count}`
    const run: ArtifactRun = {
      id,
      kind,
      state: "running",
      startedBy,
      startedAt: now(),
      finishedAt: null,
      progress: noProgress,
      message: "",
    }
    this.runs = [run, ...this.runs]
    this.changed()
    setTimeout(() => {
      const progress = {
        ...noProgress,
        pathsBuried: 41,
        imagesBuried: 1,
        filesDeleted: 12,
        bytesDeleted: GiB,
      }
      this.runs = this.runs.map((one) =>
        one.id === id ? { ...one, state: "done", finishedAt: now(), progress } : one,
      )
      this.changed()
    }, this.stepMs()).unref()
    return run
  }

  repair(): Repair {
    const { damage } = this
    this.damage = []
    this.changed()
    return { removed: damage.length, damage }
  }

  pin({ target, reason }: PinRequest, createdBy: string): readonly ArtifactPin[] {
    if ("storePath" in target && !/[a-z0-9]{32}-/.test(target.storePath))
      throw new NotFound({
        message: `The artifact store does not have "${target.storePath}".`,
        next: "Give it whole, as /nix/store/<hash>-<name>.",
      })
    const pin: ArtifactPin = {
      id: `pin_${++this.count}`,
      storePath: "storePath" in target ? target.storePath : null,
      release: "release" in target ? target.release : null,
      reason,
      createdBy,
      createdAt: now(),
    }
    this.pins = [pin, ...this.pins]
    return this.pins
  }

  unpin(id: string): readonly ArtifactPin[] {
    this.pins = this.pins.filter((pin) => pin.id !== id)
    return this.pins
  }
}
