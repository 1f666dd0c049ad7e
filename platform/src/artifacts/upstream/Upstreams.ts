import { Context, Effect, Fiber, Layer, Semaphore } from "effect"
import type { SqlError } from "effect/sql"
import { CircuitBreaker } from "../../domain/artifacts/CircuitBreaker.ts"
import { InvalidNarInfo, type NarInfo } from "../../domain/artifacts/narInfo.ts"
import { compressions } from "../../domain/artifacts/upstream.ts"
import { ArtifactConfig } from "../ArtifactConfig.ts"
import { ArtifactStore } from "../ArtifactStore.ts"
import { type StorageFailed, StorageFull, type UploadRefused } from "../errors.ts"
import { NarFiles } from "../NarFiles.ts"
import { Answers } from "./Answers.ts"
import { fetchPath } from "./fetchPath.ts"
import { planOf } from "./plan.ts"
import { canDecompress } from "./recompress.ts"
import { singleFlight } from "./singleFlight.ts"
import { type AwaitedPath, Upstream, type UpstreamFailed } from "./Upstream.ts"

/** More of either wait. */
const lookUpsAtOnce = 64
const downloadsAtOnce = 4

type Failure = UpstreamFailed | UploadRefused | StorageFull | StorageFailed | SqlError.SqlError

const usableCompressions = Effect.gen(function* () {
  const usable = yield* Effect.filter(compressions, (each) => Effect.promise(() => canDecompress(each)))
  for (const each of compressions)
    if (!usable.includes(each))
      yield* Effect.logWarning(`the program ${each} is missing: what upstream caches have so is not there`)
  return new Set(usable)
})

/** The caches that are asked for what is not here. Only who reads the cache asks them, never who uploads. */
export class Upstreams extends Context.Service<
  Upstreams,
  {
    /**
     * By the hash part of a path's name; null when none has it, none can be asked, or there is no room for it. Never
     * takes longer than the budget.
     */
    readonly find: (hash: string) => Effect.Effect<AwaitedPath | null>
    /**
     * The path in the store, fetched when it is not there, with everything it refers to; null when nobody has it. Goes on
     * when who asks leaves.
     */
    readonly bring: (hash: string) => Effect.Effect<NarInfo | null, Failure>
  }
>()("platform/artifacts/upstream/Upstreams") {
  static readonly layer = Layer.effect(
    Upstreams,
    Effect.gen(function* () {
      const config = yield* ArtifactConfig
      const store = yield* ArtifactStore
      const files = yield* NarFiles
      const scope = yield* Effect.scope
      const times = config.upstreamTimes
      const usable = config.upstreams.length === 0 ? new Set<never>() : yield* usableCompressions
      const upstreams = [...config.upstreams]
        .sort((a, b) => a.priority - b.priority)
        .map((cache) => new Upstream(cache, new CircuitBreaker(3, times.coolDownMs), usable))
      const lookUps = yield* Semaphore.make(lookUpsAtOnce)
      const downloads = yield* Semaphore.make(downloadsAtOnce)
      const answers = new Answers(times)
      const said = new Set<string>()

      const sayOnce = (line: string) =>
        Effect.suspend(() => {
          if (said.has(line) || said.size > 1000) return Effect.void
          said.add(line)
          return Effect.logWarning(line)
        })
      /** A cache that signs with a key that is not trusted says so of every path. */
      const disbelieve = (upstream: Upstream, why: string) =>
        sayOnce(`an upstream cache is not believed: ${upstream.cache.url}: ${why}`)

      const failing = (upstream: Upstream, why: string) =>
        Effect.suspend(() => {
          const before = upstream.breaker.open
          upstream.breaker.failed(Date.now())
          return before || !upstream.breaker.open
            ? Effect.void
            : Effect.logWarning(`an upstream cache is left alone for a while: ${upstream.cache.url}: ${why}`)
        })

      /** Null: it has not; undefined: it did not answer. */
      const ask = (upstream: Upstream, hash: string): Effect.Effect<AwaitedPath | null | undefined> =>
        Effect.tryPromise((signal) => upstream.find(hash, signal)).pipe(
          Effect.timeout(times.budgetMs),
          Effect.tap(() => Effect.sync(() => upstream.breaker.succeeded())),
          // Another one had it sooner.
          Effect.onInterrupt(() => Effect.sync(() => upstream.breaker.unheard(Date.now()))),
          Effect.catch((error) => {
            const cause =
              error._tag === "TimeoutError" ? new Error("it does not answer in time") : error.cause
            if (!(cause instanceof InvalidNarInfo))
              return Effect.as(failing(upstream, (cause as Error).message), undefined)
            upstream.breaker.succeeded()
            return Effect.as(disbelieve(upstream, cause.message), null)
          }),
        )

      /** All are asked at once, and heard in the order of their priorities. */
      const lookUp = Effect.fnUntraced(function* (hash: string) {
        const asked = upstreams.filter(({ breaker }) => breaker.admits(Date.now()))
        const fibers = yield* Effect.forEach(asked, (upstream) => Effect.forkChild(ask(upstream, hash)))
        let found: AwaitedPath | null = null
        let heard = 0
        for (const fiber of fibers) {
          if (found !== null) break
          const answer = yield* Fiber.join(fiber)
          if (answer !== undefined) heard++
          found = answer ?? null
        }
        yield* Fiber.interruptAll(fibers)
        // Who did not answer may have it, and costs nothing while it is left alone.
        if (found !== null || heard === upstreams.length) answers.set(hash, found)
        return found
      })
      const lookUpOnce = singleFlight(scope, (hash) => lookUps.withPermit(lookUp(hash)))

      const hasRoom = ({ info }: AwaitedPath) => files.hasRoomBesideUploads(info.fileSize ?? info.narSize)

      const find = Effect.fnUntraced(function* (hash: string) {
        if (upstreams.length === 0) return null
        const known = answers.get(hash)
        const path = known === undefined ? yield* lookUpOnce(hash) : known
        if (path === null || (yield* hasRoom(path))) return path
        yield* sayOnce("the disk has no room for what upstream caches have: it is not there until it has")
        return null
      })

      // There may be less room than when it was asked for.
      const download = (path: AwaitedPath) =>
        Effect.flatMap(hasRoom(path), (yes) =>
          yes ? fetchPath(path) : Effect.fail(new StorageFull({ message: "there is no room for it" })),
        )

      // It stays at least until what refers to it is here, too.
      const findHere = store.claim

      const fetchOnce = singleFlight(scope, (hash) =>
        Effect.gen(function* () {
          if ((yield* findHere(hash)) !== null) return
          const path = yield* find(hash)
          if (path === null) return
          yield* downloads.withPermit(download(path)).pipe(
            Effect.tap(() => Effect.sync(() => path.from.breaker.succeeded())),
            Effect.tapError((error) => {
              if (error._tag === "UpstreamFailed") return failing(path.from, error.message)
              if (error._tag !== "UploadRefused") return Effect.void
              answers.set(hash, null)
              return disbelieve(path.from, `${path.info.storePath.base}: ${error.message}`)
            }),
          )
        }).pipe(Effect.provideService(ArtifactConfig, config), Effect.provideService(ArtifactStore, store)),
      )

      const bring = Effect.fnUntraced(function* (hash: string) {
        const here = yield* findHere(hash)
        if (here !== null) return here
        for (const each of yield* planOf(hash, find, findHere)) yield* fetchOnce(each)
        return yield* findHere(hash)
      })

      return Upstreams.of({ find, bring })
    }),
  )
}
