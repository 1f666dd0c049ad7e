import type { WorkerId } from "@skypanel/contract/Id"
import { type NotificationKind, notificationKinds } from "@skypanel/contract/Notification"
import { Effect, Layer, ManagedRuntime } from "effect"
import { SqlClient } from "effect/sql"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { usePostgres } from "../../../test/lab/fixtures.ts"
import { addUser, type TestUser } from "../../test/administrators.ts"
import { storeFor } from "../../test/store.ts"
import { Auth } from "../auth/Auth.ts"
import { newNotificationId, newOrganizationId, newWorkerId } from "../domain/id.ts"
import { Mail } from "../mail/Mail.ts"
import { pruneNotifications, type Told } from "../store/Notifications.ts"
import { expireMail } from "../store/Outbox.ts"
import { Notifications } from "./Notifications.ts"

const postgres = usePostgres()

const makeRuntime = (url: string, settings: Record<string, string>) =>
  ManagedRuntime.make(
    Notifications.layer.pipe(
      Layer.provideMerge(Mail.layer),
      Layer.provideMerge(Auth.layer),
      Layer.provideMerge(storeFor(url, settings)),
    ),
  )
type Runtime = ReturnType<typeof makeRuntime>
type Needs = Runtime extends ManagedRuntime.ManagedRuntime<infer R, infer _> ? R : never

let runtime: Runtime
let withoutMail: Runtime
let alice: TestUser
let bob: TestUser
let carol: TestUser
let worker: WorkerId

const run = <A, E>(effect: Effect.Effect<A, E, Needs>) => runtime.runPromise(effect)

beforeAll(async () => {
  const url = await postgres().database()
  const mail = { SKYPANEL_SMTP_URL: "smtp://127.0.0.1:9", SKYPANEL_MAIL_FROM: "sky@example.com" }
  runtime = makeRuntime(url, mail)
  withoutMail = makeRuntime(url, {})
  alice = await run(addUser("alice", "admin"))
  bob = await run(addUser("bob", "admin"))
  carol = await run(addUser("carol", "user"))
  worker = newWorkerId()
  await run(
    Effect.flatMap(
      SqlClient.SqlClient,
      (sql) => sql`insert into worker (id, name) values (${worker}, 'web-1')`,
    ),
  )
})
afterAll(async () => {
  await runtime.dispose()
  await withoutMail.dispose()
})
beforeEach(() =>
  run(
    Effect.flatMap(SqlClient.SqlClient, (sql) =>
      Effect.andThen(sql`delete from notification`, sql`delete from notification_preference`),
    ),
  ),
)

const told = (more: Partial<Told> = {}): Told => ({
  kind: "worker-lost",
  tone: "bad",
  title: "Worker web-1 does not answer.",
  body: "Its services are started elsewhere.",
  workerId: worker,
  ...more,
})
const tell = (more?: Partial<Told>) =>
  Effect.flatMap(Notifications, (notifications) => notifications.tell(told(more)))
const list = (user: TestUser) =>
  run(Effect.flatMap(Notifications, (notifications) => notifications.list(user.id)))
const titles = async (user: TestUser) => (await list(user)).notifications.map(({ title }) => title)
const rows = () =>
  run(
    Effect.flatMap(
      SqlClient.SqlClient,
      (sql) => sql<{ user_id: string; shown: boolean; mail: string | null; mail_address: string | null }>`
        select user_id, shown, mail, mail_address from notification order by user_id, id`,
    ),
  )
const prefer = (user: TestUser, kind: NotificationKind, page: boolean, email: boolean) =>
  run(
    Effect.flatMap(Notifications, (notifications) =>
      notifications.setPreferences(user.id, [{ kind, page, email }]),
    ),
  )

describe("telling", () => {
  it("reaches every administrator, and nobody else", async () => {
    await run(tell())
    for (const user of [alice, bob])
      expect(await list(user)).toEqual({
        notifications: [
          {
            id: expect.stringMatching(/^ntf_[0-9a-z]{24}$/),
            kind: "worker-lost",
            tone: "bad",
            title: "Worker web-1 does not answer.",
            body: "Its services are started elsewhere.",
            worker: "web-1",
            path: null,
            at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
            read: false,
          },
        ],
        unread: 1,
      })
    expect(await list(carol)).toEqual({ notifications: [], unread: 0 })
  })

  it("reaches the owners of an organization, or all its members, and nobody else", async () => {
    const organization = newOrganizationId()
    await run(
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        yield* sql`insert into auth.organization (id, name, slug, "createdAt")
          values (${organization}, 'Acme', 'acme', now())`
        for (const [user, role] of [
          [carol, "owner"],
          [alice, "member"],
        ] as const)
          yield* sql`insert into auth.member (id, "organizationId", "userId", role, "createdAt")
            values (${`mem_${user.id}`}, ${organization}, ${user.id}, ${role}, now())`
        const notifications = yield* Notifications
        yield* notifications.tellOwners(organization, told({ kind: "returned", workerId: null }))
        yield* notifications.tellMembers(organization, told({ kind: "image", title: "A newer one." }))
      }),
    )
    expect([await titles(carol), await titles(alice), await titles(bob)]).toEqual([
      ["A newer one.", told().title],
      ["A newer one."],
      [],
    ])
  })

  it("respects what each has switched off", async () => {
    await prefer(alice, "worker-lost", true, false)
    await prefer(bob, "worker-lost", false, true)
    await run(tell())
    expect(await rows()).toEqual(
      [
        { user_id: alice.id, shown: true, mail: null, mail_address: null },
        { user_id: bob.id, shown: false, mail: "waiting", mail_address: bob.email },
      ].toSorted((a, b) => a.user_id.localeCompare(b.user_id)),
    )
    expect(await list(bob)).toEqual({ notifications: [], unread: 0 })
  })

  it("writes nothing for whoever wants nothing", async () => {
    await prefer(alice, "worker-lost", false, false)
    await prefer(bob, "worker-lost", false, false)
    await run(tell())
    expect(await rows()).toEqual([])
  })

  it("sends what cannot wait by e-mail, and the rest not", async () => {
    await run(tell())
    await run(tell({ kind: "drain", title: "Worker web-1 is drained." }))
    expect((await rows()).filter(({ user_id }) => user_id === alice.id).map(({ mail }) => mail)).toEqual([
      "waiting",
      null,
    ])
  })

  it("writes down no e-mail when there is no mail server, and is shown all the same", async () => {
    await withoutMail.runPromise(tell())
    expect((await rows()).map(({ mail, shown }) => [mail, shown])).toEqual([
      [null, true],
      [null, true],
    ])
  })

  it("is a part of the caller's transaction", async () => {
    const failing = Effect.flatMap(SqlClient.SqlClient, (sql) =>
      sql.withTransaction(Effect.andThen(tell(), Effect.fail("rolled back"))),
    )
    expect(await run(Effect.flip(failing))).toBe("rolled back")
    expect(await rows()).toEqual([])
  })

  it("cleans and bounds what it is given", async () => {
    await run(tell({ title: `\0lost\r\n${"x".repeat(300)}`, body: "y".repeat(3_000), workerId: null }))
    await run(tell({ title: " \n ", workerId: null }))
    const { notifications } = await list(alice)
    expect(notifications[1]!.title).toMatch(/^lost x{194}…$/)
    expect(notifications[1]!.body).toHaveLength(2_000)
    expect(notifications[1]!.worker).toBe(null)
    expect(notifications[0]!.title).toBe("A worker is suspect or unhealthy, and what was done about it")
  })

  it("makes one of a flood of the same", async () => {
    await run(
      Effect.all(
        Array.from({ length: 100 }, () => tell()),
        { concurrency: "unbounded" },
      ),
    )
    await run(tell())
    expect(await titles(alice)).toHaveLength(1)
    await run(tell({ title: "Worker web-1 is unhealthy." }))
    await run(tell({ workerId: null }))
    await run(tell({ kind: "worker-degraded" }))
    expect(await titles(alice)).toHaveLength(4)
  })

  it("says the same again after a minute", async () => {
    await run(tell())
    const age = Effect.flatMap(
      SqlClient.SqlClient,
      (sql) => sql`update notification set created_at = created_at - interval '61 seconds'`,
    )
    await run(age)
    await run(tell())
    expect(await titles(alice)).toHaveLength(2)
  })
})

describe("reading", () => {
  it("marks one, or all, and counts the rest", async () => {
    for (const title of ["one", "two", "three"]) await run(tell({ title }))
    const [newest] = (await list(alice)).notifications
    expect(newest!.title).toBe("three")
    const notifications = await run(Notifications)
    const once = await run(notifications.read(alice.id, newest!.id))
    expect(once.notifications.map(({ read }) => read)).toEqual([true, false, false])
    expect(once.unread).toBe(2)
    expect(await run(notifications.read(alice.id, newest!.id))).toEqual(once)
    expect(await run(notifications.readAll(alice.id))).toMatchObject({ unread: 0 })
    expect(await list(bob)).toMatchObject({ unread: 3 })
  })

  it("never reaches another's, or what there is not", async () => {
    await run(tell())
    const [hers] = (await list(alice)).notifications
    const notifications = await run(Notifications)
    for (const id of [hers!.id, newNotificationId(0n), "ntf_", "a\0b", ""])
      expect(await run(Effect.flip(notifications.read(bob.id, id)))).toMatchObject({ _tag: "NotFound" })
    expect(await list(alice)).toMatchObject({ unread: 1 })
  })

  it("lists the newest 200, and counts all", async () => {
    for (let number = 0; number < 205; number++) await run(tell({ title: `number ${number}` }))
    const { notifications, unread } = await list(alice)
    expect(notifications).toHaveLength(200)
    expect(notifications[0]!.title).toBe("number 204")
    expect(unread).toBe(205)
  })
})

describe("preferences", () => {
  it("of each user are their own; the last of two of a kind counts", async () => {
    const notifications = await run(Notifications)
    const set = await run(
      notifications.setPreferences(alice.id, [
        { kind: "drain", page: true, email: true },
        { kind: "drain", page: false, email: true },
      ]),
    )
    expect(set).toHaveLength(Object.keys(notificationKinds).length)
    expect(set).toContainEqual({ kind: "drain", page: false, email: true })
    expect(await run(notifications.preferences(bob.id))).toContainEqual({
      kind: "drain",
      page: true,
      email: false,
    })
  })
})

describe("what is kept", () => {
  const fill = (user: TestUser, count: number, more: string) =>
    Effect.flatMap(SqlClient.SqlClient, (sql) =>
      sql.unsafe(
        `insert into notification (id, user_id, kind, tone, title, shown, created_at, mail, mail_address, mail_next_at)
         select 'ntf_' || lpad(n::text, 24, '0'), '${user.id}', 'drain', 'info', n::text, true, ${more}
         from generate_series(1, ${count}) n`,
      ),
    )
  const count = async () => (await rows()).length

  it("is the newest 1,000 of each user", async () => {
    await run(fill(alice, 1_003, "now(), null, null, null"))
    await run(pruneNotifications)
    expect(await count()).toBe(1_000)
    expect((await list(alice)).notifications[0]!.title).toBe("1003")
  })

  it("is at most 90 days old", async () => {
    await run(fill(alice, 2, "now() - n * interval '89 days', null, null, null"))
    await run(pruneNotifications)
    expect(await titles(alice)).toEqual(["1"])
  })

  it("does not lose an e-mail that waits, until it is a day old", async () => {
    await run(fill(alice, 1_001, "now() - interval '25 hours', 'waiting', 'a@example.com', now()"))
    await run(pruneNotifications)
    expect(await count()).toBe(1_001)
    await run(expireMail)
    expect((await rows()).every(({ mail }) => mail === "failed")).toBe(true)
    await run(pruneNotifications)
    expect(await count()).toBe(1_000)
  })
})
