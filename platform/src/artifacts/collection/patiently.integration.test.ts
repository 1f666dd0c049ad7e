import { PgClient } from "@effect/sql-pg"
import { defaultArtifactPolicy } from "@skypanel/contract/Artifacts"
import { Config, Deferred, Effect, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { expect, it } from "vitest"
import { usePostgres } from "../../../../test/lab/fixtures.ts"
import { storeFor } from "../../../test/store.ts"
import { NarFiles } from "../NarFiles.ts"
import { plan } from "./collect.ts"
import { deleteFiles } from "./deleteFiles.ts"
import { takeSample } from "./samples.ts"
import { filesOfImages } from "./standing.ts"

const postgres = usePostgres()

it("lets what reads the whole store take longer than statements usually may", async () => {
  const url = await postgres().database()
  await Effect.runPromise(Effect.provide(Effect.void, storeFor(url)))
  const impatient = PgClient.layerConfig({
    url: Config.succeed(Redacted.make(url)),
    startupParameters: Config.succeed({ statement_timeout: "1000" }),
  })
  const all = Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const slow = yield* Deferred.make<void>()
    const slowDown = sql.withTransaction(
      Effect.gen(function* () {
        yield* sql`lock table image, nar, store_path in access exclusive mode`
        yield* Deferred.succeed(slow, undefined)
        yield* sql`set local statement_timeout = 0`
        yield* sql`select pg_sleep(1.5)`
      }),
    )
    const readers = [
      plan(defaultArtifactPolicy),
      filesOfImages([]),
      deleteFiles(new Date(), () => Effect.void),
      takeSample,
    ].map((reader) => Effect.andThen(Deferred.await(slow), reader))
    return yield* Effect.all([slowDown, ...readers], { concurrency: "unbounded" })
  }).pipe(Effect.provideService(NarFiles, {} as never), Effect.provide(impatient))
  const [, planned] = await Effect.runPromise(all)
  expect(planned).toMatchObject({ paths: 0 })
})
