import { Effect, Layer, ManagedRuntime, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { usePostgres } from "../../../test/lab/fixtures.ts"
import { storeFor } from "../../test/store.ts"
import { newWorkerId } from "../domain/id.ts"
import { Changes } from "../store/Changes.ts"
import { FleetWatch } from "./FleetWatch.ts"

const postgres = usePostgres()

/** The database says nothing by itself: its word for a change is always on its way. */
const layerLate = Layer.succeed(Changes, { stream: Stream.never, until: () => Effect.never })
const start = (url: string) =>
  ManagedRuntime.make(FleetWatch.layer.pipe(Layer.provideMerge(layerLate), Layer.provideMerge(storeFor(url))))
let platform: ReturnType<typeof start>
beforeEach(async () => {
  platform = start(await postgres().database())
  await platform.runPromise(FleetWatch)
}, 60_000)
afterEach(() => platform.dispose())

describe("a worker that connects right after its registration", () => {
  it("is known, so that its first words count", async () => {
    const id = newWorkerId()
    const of = await platform.runPromise(
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const watch = yield* FleetWatch
        yield* sql`insert into worker (id, name, roles, granted_roles, development)
          values (${id}, 'new', '{services}', '{services}', false)`
        yield* watch.meet(id)
        watch.connected(id)
        return watch.get(id)
      }),
    )
    expect(of).toMatchObject({ row: { name: "new" }, connected: true })
  })

  it("that was removed meanwhile is not", async () => {
    const id = newWorkerId()
    const of = await platform.runPromise(
      Effect.flatMap(FleetWatch, (watch) => Effect.as(watch.meet(id), watch.get(id))),
    )
    expect(of).toBeUndefined()
  })
})
