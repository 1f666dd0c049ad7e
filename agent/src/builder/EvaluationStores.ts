import { randomUUID } from "node:crypto"
import { rm } from "node:fs/promises"
import { join } from "node:path"
import { Effect, type Scope } from "effect"
import type { BuilderConfig } from "./BuilderConfig.ts"
import { EvaluationStore } from "./EvaluationStore.ts"

const lastsMs = 24 * 60 * 60 * 1000
const idleMs = 60 * 60 * 1000
/** A larger one is begun anew. */
const bytesKept = 1024 ** 3

const storesFolder = (config: BuilderConfig) => join(config.dataFolder, "evaluation")

/**
 * One of each organization. It is begun anew after a day, when it is large, and when nobody has used it for an hour; who
 * uses it then goes on with the old one, which is removed after its last use.
 */
export class EvaluationStores {
  readonly #config: BuilderConfig
  readonly #stores = new Map<string, EvaluationStore>()

  constructor(config: BuilderConfig) {
    this.#config = config
  }

  /** The organization's, for as long as the scope is open. */
  open(organizationId: string): Effect.Effect<EvaluationStore, never, Scope.Scope> {
    const take = Effect.sync(() => {
      let store = this.#stores.get(organizationId)
      if (store === undefined) {
        store = new EvaluationStore(join(storesFolder(this.#config), organizationId, randomUUID()))
        this.#stores.set(organizationId, store)
      }
      store.users += 1
      return store
    })
    const leave = (store: EvaluationStore) =>
      Effect.suspend(() => {
        store.users -= 1
        store.usedAt = Date.now()
        const ended = this.#stores.get(organizationId) !== store || store.outgrew || store.bytes > bytesKept
        return ended ? this.#end(organizationId, store) : Effect.void
      })
    return Effect.acquireRelease(take, leave)
  }

  #end(organizationId: string, store: EvaluationStore): Effect.Effect<void> {
    if (this.#stores.get(organizationId) === store) this.#stores.delete(organizationId)
    return store.users === 0 ? store.removed : Effect.void
  }

  /** Ends those that are old, idle or large, and the ones unused for longest while all take more than a build may. */
  get sweep(): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      const stores = [...this.#stores].sort(([, a], [, b]) => b.usedAt - a.usedAt)
      let sum = 0
      for (const [organizationId, store] of stores) {
        const bytes = yield* store.measure
        const now = Date.now()
        const over = bytes > bytesKept || sum + bytes > this.#config.diskBytes
        if (over || now - store.since > lastsMs || (store.users === 0 && now - store.usedAt > idleMs))
          yield* this.#end(organizationId, store)
        else sum += bytes
      }
    })
  }
}

/** Removes those of an agent that is no more. */
export const sweepEvaluationStores = (config: BuilderConfig): Effect.Effect<void> =>
  Effect.promise(() => rm(storesFolder(config), { recursive: true, force: true }))
