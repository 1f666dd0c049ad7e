import type { CacheKey } from "@skypanel/contract/CacheKey"
import { NotFound, NotPossibleNow } from "@skypanel/contract/Errors"
import { Context, Effect, Layer, Schedule, Semaphore } from "effect"
import { SqlClient, type SqlError } from "effect/sql"
import type { SecretKey } from "../domain/artifacts/signature.ts"
import { ArtifactConfig } from "./ArtifactConfig.ts"
import { StorageFailed } from "./errors.ts"
import { nextKeyName, openKeyFiles } from "./keyFiles.ts"
import { dropOldSignatures, signMissing } from "./signMissing.ts"

interface Row {
  readonly public_key: string
  readonly name: string
  readonly created_at: Date
  readonly retired_at: Date | null
  readonly unsigned: number
}

interface Loaded {
  /** Newest first. */
  readonly live: ReadonlyArray<SecretKey>
  readonly names: ReadonlySet<string>
}

type Failure = StorageFailed | SqlError.SqlError

const onDisk = <A>(run: () => Promise<A>) =>
  Effect.tryPromise({
    try: run,
    catch: (cause) => new StorageFailed({ message: `the signing keys: ${(cause as Error).message}` }),
  })

/**
 * The platform's own keys, which sign every path that is stored; the first is made at the first start. A secret half is
 * a file, what became of the key is a row. A file without a row is a key whose making was cut off: it is taken as made.
 * A file whose row is retired is what a retirement that was cut off has left: it is removed.
 */
export class SigningKeys extends Context.Service<
  SigningKeys,
  {
    /** Those that sign now, newest first; never none. */
    readonly live: () => ReadonlyArray<SecretKey>
    /** Of all there ever were. */
    readonly names: () => ReadonlySet<string>
    readonly list: Effect.Effect<ReadonlyArray<CacheKey>, Failure>
    /** Makes the next key. It signs from the next `refresh` on, which is after the transaction. */
    readonly rotate: Effect.Effect<SecretKey, Failure>
    /** Ends a key, from the next `refresh` on. */
    readonly retire: (name: string) => Effect.Effect<void, NotFound | NotPossibleNow | Failure>
    /** Reads again which keys there are; when they are others, paths get their signatures in the background. */
    readonly refresh: Effect.Effect<void, Failure>
  }
>()("platform/artifacts/SigningKeys") {
  static readonly layer = Layer.effect(
    SigningKeys,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const { dataFolder, keyName } = yield* ArtifactConfig
      const files = yield* onDisk(() => openKeyFiles(dataFolder))
      const scope = yield* Effect.scope

      const rows = sql<Row>`select k.*, case when k.retired_at is not null then 0 else
          (select count(*) from store_path p where not exists
            (select from store_signature s where s.base = p.base and s.public_key = k.public_key)) end::float8 as unsigned
        from signing_key k order by k.created_at desc, k.name desc`

      const enter = (key: SecretKey) =>
        sql`insert into signing_key ${sql.insert({ public_key: key.publicText, name: key.name })}
          on conflict do nothing`

      const make = sql.withTransaction(
        Effect.gen(function* () {
          yield* sql`select pg_advisory_xact_lock(hashtext('skypanel.signing-key'))`
          const known = yield* sql<{ name: string }>`select name from signing_key`
          const kept = yield* onDisk(files.read)
          const name = nextKeyName(
            keyName,
            [...known, ...kept].map((each) => each.name),
          )
          const key = yield* onDisk(() => files.make(name))
          yield* enter(key)
          return key
        }),
      )

      const load = Effect.gen(function* () {
        const kept = yield* onDisk(files.read)
        yield* Effect.forEach(kept, enter, { discard: true })
        const known = yield* sql<Row>`select * from signing_key order by created_at desc, name desc`
        const live: Array<SecretKey> = []
        for (const row of known) {
          const key = kept.find(({ publicText }) => publicText === row.public_key)
          if (key === undefined) continue
          if (row.retired_at === null) live.push(key)
          else yield* onDisk(() => files.remove(key.name))
        }
        return { live, names: new Set(known.map(({ name }) => name)) } satisfies Loaded
      })

      const loadSome = Effect.gen(function* () {
        const found = yield* load
        if (found.live.length > 0) return found
        yield* make
        return yield* load
      })

      let loaded = yield* loadSome
      /** The keys of which everything that is stored has its signatures. */
      let settled = ""
      /** Whether there are some without, all the same. */
      let doubted = false

      const turn = yield* Semaphore.make(1)
      const settle = Effect.gen(function* () {
        const { live } = loaded
        const state = live.map(({ publicText }) => publicText).join(" ")
        if (doubted) settled = ""
        doubted = false
        if (state === settled) return
        yield* Effect.forEach(live, signMissing, { discard: true })
        yield* dropOldSignatures
        settled = state
      }).pipe(
        Effect.provideService(SqlClient.SqlClient, sql),
        Effect.catchTag("SqlError", (error) => Effect.logWarning("paths are not signed anew yet", error)),
        turn.withPermit,
      )

      // One look at a time: of two that overlap, the older answer could win.
      const looking = yield* Semaphore.make(1)
      const look = Effect.map(loadSome, (found) => {
        loaded = found
      })
      const refresh = Effect.andThen(looking.withPermit(look), Effect.forkIn(settle, scope))

      // Another platform on the same store may have made one.
      yield* refresh.pipe(
        Effect.catch((error) => Effect.logWarning("the signing keys cannot be read", error)),
        Effect.repeat(Schedule.spaced("1 minute")),
        Effect.forkScoped,
      )

      const stateOf = (row: Row): CacheKey["state"] => {
        if (row.retired_at !== null) return "retired"
        const at = loaded.live.findIndex(({ publicText }) => publicText === row.public_key)
        return at < 0 ? "lost" : at === 0 ? "signs" : "overlaps"
      }

      const retire = Effect.fnUntraced(function* (name: string) {
        const all = yield* rows
        const row = all.find((each) => each.name === name)
        if (row === undefined)
          return yield* new NotFound({
            message: `There is no key "${name}".`,
            next: "The list of keys shows which there are.",
          })
        if (row.retired_at !== null)
          return yield* new NotPossibleNow({
            message: `${name} is retired already.`,
            next: "Nothing is left to do.",
          })
        const newest = all.find((each) => stateOf(each) === "signs")
        if (newest === undefined || newest === row)
          return yield* new NotPossibleNow({
            message: `${name} is the key that signs.`,
            next: "Make another one first: skypanel cache keys rotate",
          })
        if (newest.unsigned > 0) {
          // All was signed perhaps, but for an upload that had begun before the key was there.
          doubted = true
          return yield* new NotPossibleNow({
            message: `${newest.unsigned} paths are not signed by ${newest.name} yet.`,
            next: "That goes on in the background; try again when the list says 0.",
          })
        }
        yield* sql`update signing_key set retired_at = clock_timestamp() where name = ${name}`
      })

      return SigningKeys.of({
        live: () => loaded.live,
        names: () => loaded.names,
        list: Effect.map(rows, (all) =>
          all.map((row) => ({
            name: row.name,
            publicKey: row.public_key,
            state: stateOf(row),
            createdAt: row.created_at.toISOString(),
            retiredAt: row.retired_at?.toISOString() ?? null,
            unsigned: row.unsigned,
          })),
        ),
        rotate: make,
        retire,
        refresh,
      })
    }),
  )
}
