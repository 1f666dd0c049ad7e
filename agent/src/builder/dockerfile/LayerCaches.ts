import { renameSync, rmSync, writeFileSync } from "node:fs"
import { chown, mkdir, readdir, rm, stat, utimes } from "node:fs/promises"
import { join } from "node:path"
import { ServiceId } from "@skypanel/contract/Id"
import { Effect, Queue, Schema, type Scope } from "effect"
import type { BuilderConfig } from "../BuilderConfig.ts"
import type { BuildSpace } from "../BuildSpace.ts"
import { runCommand } from "../Command.ts"
import { type Figures, measureFolder, readFigures } from "./LayerFigures.ts"
import { imageUsers } from "./UserNamespace.ts"

const GiB = 1024 ** 3
/** What one service keeps for its next build, and all of them together. A disk has a file for 16 KiB, as it is made. */
const limitsMost: CacheLimits = {
  service: { bytes: 6 * GiB, files: 400_000 },
  all: { bytes: 24 * GiB, files: 1_500_000 },
  keptMs: 30 * 24 * 60 * 60 * 1000,
}

export interface CacheLimits {
  readonly service: Figures
  readonly all: Figures
  /** How long after its last build. */
  readonly keptMs: number
}

interface Kept {
  readonly id: string
  /** Null: it could not be measured, and is too large then. */
  readonly figures: Figures | null
  readonly usedAt: number
}

const isServiceId = Schema.is(ServiceId)
const fits = (figures: Figures, most: Figures) => figures.bytes <= most.bytes && figures.files <= most.files

/** Which of them go: too large, not used for long, and the longest unused until the others fit. */
export const leaving = (
  kept: ReadonlyArray<Kept>,
  limits: CacheLimits,
  now: number,
): ReadonlyArray<string> => {
  let { bytes, files } = limits.all
  return kept
    .toSorted((a, b) => b.usedAt - a.usedAt)
    .filter(({ figures, usedAt }) => {
      if (figures === null || now - usedAt > limits.keptMs) return true
      if (!fits(figures, limits.service) || !fits(figures, { bytes, files })) return true
      bytes -= figures.bytes
      files -= figures.files
      return false
    })
    .map(({ id }) => id)
}

const usedAtOf = (folder: string) =>
  stat(folder).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  )

/** What is to be removed has this in its name: no build finds it. */
const gone = ".gone-"

/** Steps that were built before, of each service by itself: in no other service's build, and in no organization's but its own. */
export class LayerCaches {
  readonly #folder: string
  readonly #limits: CacheLimits
  readonly #measure: typeof measureFolder
  readonly #released: Queue.Queue<void>
  readonly #busy = new Set<string>()
  constructor(
    config: Pick<BuilderConfig, "dataFolder">,
    released: Queue.Queue<void>,
    limits: CacheLimits,
    measure: typeof measureFolder,
  ) {
    this.#folder = join(config.dataFolder, "layers")
    this.#released = released
    this.#limits = limits
    this.#measure = measure
  }

  /** A folder for a build's engine; one that is gone with the build where the service's own is in use. */
  open(
    space: Pick<BuildSpace, "folder"> & { readonly assignment: Pick<BuildSpace["assignment"], "serviceId"> },
  ): Effect.Effect<string, never, Scope.Scope> {
    const id = space.assignment.serviceId
    if (id === undefined || this.#busy.has(id))
      return Effect.promise(() => made(join(space.folder, "layers")))
    return Effect.acquireRelease(
      Effect.promise(async () => {
        this.#busy.add(id)
        try {
          // It will be another size, also when the agent is killed before it is measured.
          await rm(this.#figuresFile(id), { force: true })
          return await made(join(this.#folder, id))
        } catch (cause) {
          this.#busy.delete(id)
          throw cause
        }
      }),
      (folder) =>
        Effect.promise(async () => {
          await utimes(folder, new Date(), new Date()).catch(() => undefined)
          this.#busy.delete(id)
          Queue.offerUnsafe(this.#released, undefined)
        }),
    )
  }

  /** Measures what was built with and removes what does not fit, one at a time: no build waits for it. */
  readonly keep: Effect.Effect<never> = Effect.suspend(() =>
    this.#sweep().pipe(Effect.andThen(Effect.suspend(() => Queue.take(this.#released))), Effect.forever),
  )

  #figuresFile(id: string) {
    return join(this.#folder, `${id}.json`)
  }

  #sweep(): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      const names = yield* Effect.promise(() => readdir(this.#folder).catch(() => []))
      const free = names.filter((name) => isServiceId(name) && !this.#busy.has(name))
      const kept = yield* Effect.forEach(free, (id) => this.#figuresOf(id))
      const leave = leaving(kept, this.#limits, Date.now()).map((id) => this.#putAway(id))
      const left = [...names.filter((name) => name.includes(gone)), ...leave.filter((name) => name !== null)]
      yield* Effect.forEach(left, (name) => emptied(join(this.#folder, name)), { discard: true })
    })
  }

  #figuresOf(id: string): Effect.Effect<Kept> {
    const folder = join(this.#folder, id)
    return Effect.gen({ self: this }, function* () {
      const usedAt = yield* Effect.promise(() => usedAtOf(folder))
      const known = yield* Effect.promise(() => readFigures(this.#figuresFile(id)))
      if (known !== null) return { id, figures: known, usedAt }
      const figures = yield* this.#measure(folder)
      const after = yield* Effect.promise(() => usedAtOf(folder))
      // Somebody may have built with it meanwhile.
      if (figures !== null && after === usedAt && !this.#busy.has(id)) this.#remember(id, figures)
      return { id, figures, usedAt }
    })
  }

  #remember(id: string, figures: Figures): void {
    try {
      writeFileSync(this.#figuresFile(id), JSON.stringify(figures))
    } catch {
      // On a full disk it is measured again the next time.
    }
  }

  /** At once, so that no build can begin with what is being removed. */
  #putAway(id: string): string | null {
    if (this.#busy.has(id)) return null
    const name = `${id}${gone}${Date.now()}`
    try {
      renameSync(join(this.#folder, id), join(this.#folder, name))
    } catch {
      return null
    }
    rmSync(this.#figuresFile(id), { force: true })
    return name
  }
}

/** What this machine keeps for the services' next builds, swept until the scope ends. */
export const makeLayerCaches = (
  config: Pick<BuilderConfig, "dataFolder">,
  limits = limitsMost,
  measure = measureFolder,
): Effect.Effect<LayerCaches, never, Scope.Scope> =>
  Effect.gen(function* () {
    const caches = new LayerCaches(config, yield* Queue.sliding<void>(1), limits, measure)
    yield* Effect.forkScoped(caches.keep)
    return caches
  })

const made = async (folder: string) => {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await chown(folder, imageUsers.first, imageUsers.first)
  return folder
}

/** A build wrote it: it is removed by a program that follows no link. */
export const emptied = (folder: string): Effect.Effect<void> =>
  Effect.asVoid(runCommand(["rm", "--recursive", "--force", "--one-file-system", folder], { seconds: 600 }))
