import { chown, mkdir, readdir, stat, utimes } from "node:fs/promises"
import { join } from "node:path"
import { ServiceId } from "@skypanel/contract/Id"
import { Effect, Schema, type Scope } from "effect"
import type { BuilderConfig } from "../BuilderConfig.ts"
import type { BuildSpace } from "../BuildSpace.ts"
import { runCommand } from "../Command.ts"
import { imageUsers } from "./UserNamespace.ts"

const GiB = 1024 ** 3
/** What one service keeps for its next build, and all of them together. */
const limitsMost: CacheLimits = {
  serviceBytes: 6 * GiB,
  allBytes: 24 * GiB,
  keptMs: 30 * 24 * 60 * 60 * 1000,
}

export interface CacheLimits {
  readonly serviceBytes: number
  readonly allBytes: number
  /** How long after its last build. */
  readonly keptMs: number
}

interface Kept {
  readonly id: string
  readonly bytes: number
  readonly usedAt: number
}

const isServiceId = Schema.is(ServiceId)

/** Which of them go: too large, not used for long, and the longest unused until the others fit. */
export const leaving = (
  kept: ReadonlyArray<Kept>,
  limits: CacheLimits,
  now: number,
): ReadonlyArray<string> => {
  let left = limits.allBytes
  return kept
    .toSorted((a, b) => b.usedAt - a.usedAt)
    .filter(({ bytes, usedAt }) => {
      if (bytes > limits.serviceBytes || now - usedAt > limits.keptMs || bytes > left) return true
      left -= bytes
      return false
    })
    .map(({ id }) => id)
}

/** Steps that were built before, of each service by itself: in no other service's build, and in no organization's but its own. */
export class LayerCaches {
  readonly #folder: string
  readonly #limits: CacheLimits
  readonly #busy = new Set<string>()
  constructor(config: BuilderConfig, limits = limitsMost) {
    this.#folder = join(config.dataFolder, "layers")
    this.#limits = limits
  }

  /** A folder for a build's engine; one that is gone with the build where the service's own is in use. */
  open(space: BuildSpace): Effect.Effect<string, never, Scope.Scope> {
    const id = space.assignment.serviceId
    if (id === undefined || this.#busy.has(id))
      return Effect.promise(() => made(join(space.folder, "layers")))
    return Effect.acquireRelease(
      Effect.promise(() => {
        this.#busy.add(id)
        return made(join(this.#folder, id))
      }),
      (folder) =>
        Effect.gen({ self: this }, function* () {
          yield* Effect.promise(() => utimes(folder, new Date(), new Date()).catch(() => undefined))
          this.#busy.delete(id)
          yield* this.sweep
        }),
    )
  }

  /** Not while somebody builds with it. */
  readonly sweep = Effect.suspend(() => this.#sweep())

  #sweep(): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      const names = yield* Effect.promise(() => readdir(this.#folder).catch(() => []))
      const kept = yield* Effect.forEach(names.filter(isServiceId), (id) => this.#measure(id))
      for (const id of leaving(kept, this.#limits, Date.now())) {
        if (!this.#busy.has(id)) yield* emptied(join(this.#folder, id))
      }
    })
  }

  #measure(id: string): Effect.Effect<Kept> {
    const folder = join(this.#folder, id)
    return Effect.gen(function* () {
      const { stdout } = yield* runCommand(["du", "--summarize", "--block-size=1", folder], { seconds: 120 })
      const usedAt = yield* Effect.promise(() =>
        stat(folder).then(
          ({ mtimeMs }) => mtimeMs,
          () => 0,
        ),
      )
      return { id, bytes: Number.parseInt(stdout, 10) || 0, usedAt }
    })
  }
}

const made = async (folder: string) => {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await chown(folder, imageUsers.first, imageUsers.first)
  return folder
}

/** A build wrote it: it is removed by a program that follows no link. */
export const emptied = (folder: string): Effect.Effect<void> =>
  Effect.asVoid(runCommand(["rm", "--recursive", "--force", "--one-file-system", folder], { seconds: 600 }))
