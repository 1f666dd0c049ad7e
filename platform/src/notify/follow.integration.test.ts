import type { Notification } from "@skypanel/contract/Notification"
import { Deferred, Effect, Fiber, Layer, ManagedRuntime, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { usePostgres } from "../../../test/lab/fixtures.ts"
import { until } from "../../../test/lab/until.ts"
import { addUser, type TestUser } from "../../test/administrators.ts"
import { storeFor } from "../../test/store.ts"
import { Auth } from "../auth/Auth.ts"
import { Mail } from "../mail/Mail.ts"
import { Notifications } from "./Notifications.ts"

const postgres = usePostgres()

const makeRuntime = (url: string) =>
  ManagedRuntime.make(
    Notifications.layer.pipe(
      Layer.provideMerge(Mail.layer),
      Layer.provideMerge(Auth.layer),
      Layer.provideMerge(storeFor(url)),
    ),
  )
type Runtime = ReturnType<typeof makeRuntime>
type Needs = Runtime extends ManagedRuntime.ManagedRuntime<infer R, infer _> ? R : never

/** Two platforms on one database: what one tells, the other's followers hear. */
let here: Runtime
let there: Runtime
let alice: TestUser
let bob: TestUser
const followers: Array<Fiber.Fiber<void, unknown>> = []

const run = <A, E>(effect: Effect.Effect<A, E, Needs>) => here.runPromise(effect)

beforeAll(async () => {
  const url = await postgres().database()
  here = makeRuntime(url)
  there = makeRuntime(url)
  alice = await run(addUser("alice", "admin"))
  bob = await run(addUser("bob", "admin"))
  await there.runPromise(Notifications)
})
afterAll(async () => {
  await here.dispose()
  await there.dispose()
})
beforeEach(() => run(Effect.flatMap(SqlClient.SqlClient, (sql) => sql`delete from notification`)))
afterEach(() => Effect.runPromise(Fiber.interruptAll(followers.splice(0))))

const tell = (title: string) =>
  Effect.flatMap(Notifications, (notifications) =>
    notifications.tell({ kind: "drain", tone: "info", title, body: "", workerId: null }),
  )
const titlesOf = (notifications: ReadonlyArray<Notification>) => notifications.map(({ title }) => title)
const newest = async (user: TestUser) => {
  const { notifications } = await run(Effect.flatMap(Notifications, (each) => each.list(user.id)))
  return notifications[0]
}

/** Follows in the background; gives what has come so far. */
const follow = (user: TestUser, after?: string, runtime = here) => {
  const heard: Array<Notification> = []
  const fiber = runtime.runFork(
    Effect.flatMap(Notifications, (notifications) =>
      Stream.runForEach(notifications.follow(user.id, after), (notification) =>
        Effect.sync(() => heard.push(notification)),
      ),
    ),
  )
  followers.push(fiber)
  return { heard, stop: () => Effect.runPromise(Fiber.interrupt(fiber)) }
}

const heardAll = (heard: ReadonlyArray<Notification>, ...expected: ReadonlyArray<string>) =>
  until(
    `${expected.join(", ")}; heard ${titlesOf(heard).join(", ")}`,
    async () => (heard.length >= expected.length ? true : null),
    10,
  ).then(() => expect(titlesOf(heard)).toEqual(expected))

describe("following", () => {
  it("replays exactly what was missed, in order, then goes on live", async () => {
    await run(tell("known"))
    const known = await newest(alice)
    for (const title of ["missed 1", "missed 2", "missed 3"]) await run(tell(title))
    const { heard } = follow(alice, known!.id)
    await heardAll(heard, "missed 1", "missed 2", "missed 3")
    await run(tell("live 1"))
    await run(tell("live 2"))
    await heardAll(heard, "missed 1", "missed 2", "missed 3", "live 1", "live 2")
  })

  it("replays all that is kept to who knows none yet", async () => {
    await run(tell("one"))
    await run(tell("two"))
    const { heard } = follow(alice, `ntf_${"0".repeat(24)}`)
    await heardAll(heard, "one", "two")
  })

  it("begins with what comes from now on when it names none, or nonsense", async () => {
    await run(tell("before"))
    for (const [round, after] of [undefined, "nonsense\0"].entries()) {
      const { heard } = follow(alice, after)
      let told = 0
      await until("the first one", async () => {
        await run(tell(`round ${round}: ${++told}`))
        return heard.length > 0 ? true : null
      })
      expect(titlesOf(heard).filter((title) => !title.startsWith(`round ${round}`))).toEqual([])
    }
  })

  it("loses and repeats nothing over many reconnects while much is told", async () => {
    await run(tell("start"))
    let after = (await newest(alice))!.id
    const heard: Array<Notification> = []
    const telling = Effect.forEach(
      Array.from({ length: 200 }, (_, number) => number),
      (number) => tell(`number ${number}`),
      { concurrency: 8, discard: true },
    )
    const told = Promise.all([run(telling), there.runPromise(telling)])
    // The two tell the same, which is told once: 200 in all.
    await until("all 200", async () => {
      const { heard: some, stop } = follow(alice, after, heard.length % 2 === 0 ? here : there)
      await until("some more", async () => (some.length > 0 ? true : null), 5)
      await stop()
      heard.push(...some)
      after = heard.at(-1)?.id ?? after
      return heard.length >= 200 ? true : null
    })
    await told
    expect(new Set(titlesOf(heard)).size).toBe(200)
    expect(heard).toHaveLength(200)
    const ids = heard.map(({ id }) => id)
    expect(ids).toEqual(ids.toSorted())
  })

  it("waits for one that was written earlier and is committed later", async () => {
    await run(tell("start"))
    const start = await newest(alice)
    const { heard } = follow(alice, start!.id)
    const commit = await run(Deferred.make<void>())
    const written = await run(Deferred.make<void>())
    const slow = there.runPromise(
      Effect.flatMap(SqlClient.SqlClient, (sql) =>
        sql.withTransaction(
          tell("slow").pipe(
            Effect.andThen(Deferred.succeed(written, undefined)),
            Effect.andThen(Deferred.await(commit)),
          ),
        ),
      ),
    )
    await run(Deferred.await(written))
    await run(tell("fast"))
    // Who lists now and follows from the newest must not miss the slow one either.
    expect((await newest(alice))!.title).toBe("start")
    await run(Deferred.succeed(commit, undefined))
    await slow
    await heardAll(heard, "slow", "fast")
    expect((await newest(alice))!.title).toBe("fast")
  })

  it("never waits for a transaction that is rolled back", async () => {
    await run(tell("start"))
    const { heard } = follow(alice, (await newest(alice))!.id)
    const failing = Effect.flatMap(SqlClient.SqlClient, (sql) =>
      sql.withTransaction(Effect.andThen(tell("never"), Effect.fail("rolled back"))),
    )
    await run(Effect.flip(failing))
    await run(tell("real"))
    await heardAll(heard, "real")
  })

  it("goes on when the connection that listens breaks", async () => {
    await run(tell("start"))
    const { heard } = follow(alice, (await newest(alice))!.id)
    const killed = await there.runPromise(
      Effect.flatMap(
        SqlClient.SqlClient,
        (sql) => sql`select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid() and query ilike 'listen%'`,
      ),
    )
    expect(killed.length).toBeGreaterThanOrEqual(2)
    await run(tell("after the break"))
    await heardAll(heard, "after the break")
  })

  it("hears what is told to the user alone", async () => {
    await run(
      Effect.flatMap(Notifications, (notifications) =>
        notifications.setPreferences(bob.id, [{ kind: "drain", page: false, email: false }]),
      ),
    )
    await run(tell("start"))
    const start = await newest(alice)
    const [hers, his] = [follow(alice, start!.id), follow(bob, start!.id, there)]
    await run(tell("for alice"))
    await heardAll(hers.heard, "for alice")
    await run(
      Effect.flatMap(Notifications, (notifications) =>
        notifications.setPreferences(bob.id, [{ kind: "drain", page: true, email: false }]),
      ),
    )
    await run(tell("for both"))
    await heardAll(hers.heard, "for alice", "for both")
    await heardAll(his.heard, "for both")
  })
})
