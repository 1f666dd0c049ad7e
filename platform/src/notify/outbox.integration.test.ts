import { Effect, Fiber, Layer, ManagedRuntime } from "effect"
import { SqlClient } from "effect/sql"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { usePostgres } from "../../../test/lab/fixtures.ts"
import { until } from "../../../test/lab/until.ts"
import { addUser, type TestUser } from "../../test/administrators.ts"
import { headerOf, type MailServer, startMailServer } from "../../test/mailServer.ts"
import { storeFor } from "../../test/store.ts"
import { Auth } from "../auth/Auth.ts"
import { Mail, mailTimes } from "../mail/Mail.ts"
import { Notifications } from "./Notifications.ts"
import { type OutboxLimits, runOutboxWith } from "./outbox.ts"

/** The outbox against a real SMTP server and a real database. */

const postgres = usePostgres()
const limits: OutboxLimits = { atOnce: 3, leaseSeconds: 3, lookMs: 20, pauseMs: 20 }

const makeRuntime = (url: string, smtpUrl: string) =>
  ManagedRuntime.make(
    Notifications.layer.pipe(
      Layer.provideMerge(Mail.layerWith({ ...mailTimes, message: 2_000 })),
      Layer.provideMerge(Auth.layer),
      Layer.provideMerge(
        storeFor(url, {
          SKYPANEL_SMTP_URL: smtpUrl,
          SKYPANEL_MAIL_FROM: "SkyPanel <sky@example.com>",
          SKYPANEL_PUBLIC_URL: "https://panel.example.com",
        }),
      ),
    ),
  )
type Runtime = ReturnType<typeof makeRuntime>
type Needs = Runtime extends ManagedRuntime.ManagedRuntime<infer R, infer _> ? R : never

let server: MailServer
let runtime: Runtime
let alice: TestUser
const outboxes: Array<Fiber.Fiber<void, unknown>> = []

const run = <A, E>(effect: Effect.Effect<A, E, Needs>) => runtime.runPromise(effect)
const sql = <A extends object>(
  query: (sql: SqlClient.SqlClient) => Effect.Effect<ReadonlyArray<A>, unknown>,
) => run(Effect.flatMap(SqlClient.SqlClient, query))

beforeAll(async () => {
  server = await startMailServer()
  runtime = makeRuntime(await postgres().database(), `smtp://sky:secret@127.0.0.1:${server.port}`)
  alice = await run(addUser("alice", "admin"))
})
afterAll(async () => {
  await runtime.dispose()
  await server.stop()
})
beforeEach(async () => {
  await sql((sql) => sql`delete from notification`)
  await restart({})
})
afterEach(() => stopOutboxes())

const restart = async (behaviour: MailServer["behaviour"]) => {
  await server.stop()
  server.received.length = 0
  server.behaviour = behaviour
  await server.start()
}
const startOutbox = () => {
  const fiber = runtime.runFork(runOutboxWith(limits))
  outboxes.push(fiber)
  return fiber
}
const stopOutboxes = () => Effect.runPromise(Fiber.interruptAll(outboxes.splice(0)))

const tell = (title: string) =>
  run(
    Effect.flatMap(Notifications, (notifications) =>
      notifications.tell({
        kind: "worker-lost",
        tone: "bad",
        title,
        body: "Look at it.",
        workerId: null,
      }),
    ),
  )
interface MailRow {
  readonly title: string
  readonly mail: string
  readonly mail_attempts: number
  /** Until it is tried again. */
  readonly seconds: number | null
}
const mails = () =>
  sql<MailRow>(
    (sql) => sql`select title, mail, mail_attempts,
      extract(epoch from mail_next_at - now())::float8 as seconds from notification order by id`,
  )
const mailOf = async (title: string) => (await mails()).find((row) => row.title === title)!
const become = (title: string, what: string, is: (row: MailRow) => boolean) =>
  until(`${title} to be ${what}`, async () => (is(await mailOf(title)) ? true : null), 10)
const makeDue = () => sql((sql) => sql`update notification set mail_next_at = now() where mail = 'waiting'`)

describe("an e-mail that is written down", () => {
  it("arrives once, at the address of its administrator, with a link", async () => {
    startOutbox()
    await tell("Worker web-1 does not answer.")
    await become("Worker web-1 does not answer.", "sent", ({ mail }) => mail === "sent")
    const [mail, ...others] = server.received
    expect(others).toEqual([])
    expect(mail).toMatchObject({ from: "sky@example.com", to: [alice.email] })
    expect(headerOf(mail!.raw, "Subject")).toBe("[SkyPanel] Worker web-1 does not answer.")
    expect(headerOf(mail!.raw, "Message-ID")).toMatch(/^<ntf_[0-9a-z]{24}@panel\.example\.com>$/)
    expect(mail!.raw).toContain("Look at it.")
    expect(mail!.raw).toContain("https://panel.example.com/notifications")
  })

  it("waits for a server that is down, and arrives when it is up", async () => {
    await server.stop()
    startOutbox()
    await tell("down")
    await become("down", "put off", ({ mail, seconds }) => mail === "waiting" && seconds! > 30)
    expect((await mailOf("down")).mail_attempts).toBe(0)
    await server.start()
    await makeDue()
    await become("down", "sent", ({ mail }) => mail === "sent")
    expect(server.received).toHaveLength(1)
  })

  it("waits for a server that says later, longer each time", async () => {
    let tries = 0
    await restart({ onReceiver: () => (++tries < 3 ? "451 greylisted" : null) })
    startOutbox()
    await tell("greylisted")
    await become("greylisted", "deferred", ({ mail_attempts }) => mail_attempts === 1)
    expect((await mailOf("greylisted")).seconds).toBeGreaterThan(50)
    await makeDue()
    await become("greylisted", "deferred again", ({ mail_attempts }) => mail_attempts === 2)
    expect((await mailOf("greylisted")).seconds).toBeGreaterThan(110)
    await makeDue()
    await become("greylisted", "sent", ({ mail }) => mail === "sent")
    expect(server.received).toHaveLength(1)
  })

  it("is given up after eight times", async () => {
    await restart({ onReceiver: () => "451 later" })
    startOutbox()
    await tell("never taken")
    for (let times = 1; times < 8; times++) {
      await become("never taken", `deferred ${times}`, ({ mail_attempts }) => mail_attempts === times)
      await makeDue()
    }
    await become("never taken", "failed", ({ mail }) => mail === "failed")
  })

  it("is given up at once when the server refuses the address; another is not held up", async () => {
    await restart({ onMessage: (raw) => (raw.includes("refused") ? "550 no" : null) })
    startOutbox()
    await tell("refused")
    await tell("taken")
    await become("refused", "failed", ({ mail }) => mail === "failed")
    await become("taken", "sent", ({ mail }) => mail === "sent")
  })

  it("waits for a password to be corrected", async () => {
    await restart({ login: { user: "sky", password: "another" } })
    startOutbox()
    await tell("wrong password")
    await become("wrong password", "put off", ({ seconds }) => seconds !== null && seconds > 30)
    await stopOutboxes()
    await restart({ login: { user: "sky", password: "secret" } })
    await makeDue()
    startOutbox()
    await become("wrong password", "sent", ({ mail }) => mail === "sent")
    expect(server.received[0]!.user).toBe("sky")
  })

  it("that a server takes too long over counts as put off by it", async () => {
    await restart({ onMessage: () => new Promise(() => undefined) })
    startOutbox()
    await tell("too slow")
    await become("too slow", "deferred", ({ mail_attempts }) => mail_attempts === 1)
  })
})

describe("many at a time", () => {
  it("are as many as the limit, each sent once, also by two platforms", async () => {
    let [now, most] = [0, 0]
    await restart({
      onMessage: async () => {
        most = Math.max(most, ++now)
        await new Promise((resolve) => setTimeout(resolve, 20))
        now--
        return null
      },
    })
    for (let number = 0; number < 40; number++) await tell(`number ${number}`)
    startOutbox()
    startOutbox()
    await until(
      "all to be sent",
      async () => {
        const left = (await mails()).filter(({ mail }) => mail !== "sent")
        if (left.length > 0) throw new Error(`not sent: ${JSON.stringify(left)}`)
        return true
      },
      15,
    )
    expect(server.received).toHaveLength(40)
    expect(new Set(server.received.map(({ raw }) => headerOf(raw, "Message-ID"))).size).toBe(40)
    expect(most).toBeGreaterThan(1)
    expect(most).toBeLessThanOrEqual(2 * limits.atOnce)
  })
})

describe("a platform that ends in the middle", () => {
  it("loses nothing: another one sends it when the lease is over", async () => {
    let reached = false
    await restart({
      onMessage: () => {
        reached = true
        return new Promise(() => undefined)
      },
    })
    const outbox = startOutbox()
    await tell("interrupted")
    await until("the message to be under way", async () => (reached ? true : null))
    await Effect.runPromise(Fiber.interrupt(outbox))
    expect(await mailOf("interrupted")).toMatchObject({ mail: "waiting", mail_attempts: 0 })
    await restart({})
    startOutbox()
    await become("interrupted", "sent", ({ mail }) => mail === "sent")
    expect(server.received).toHaveLength(1)
  })

  it("is not overtaken while it still sends", async () => {
    let tries = 0
    let finish = () => {}
    await restart({
      onMessage: (raw) => {
        if (!raw.includes("Subject: [SkyPanel] slow")) return null
        tries++
        return new Promise((resolve) => {
          finish = () => resolve(null)
        })
      },
    })
    startOutbox()
    await tell("slow")
    await until("the message to be under way", async () => (tries > 0 ? true : null))
    startOutbox()
    await tell("other")
    await become("other", "sent", ({ mail }) => mail === "sent")
    expect(tries).toBe(1)
    finish()
    await become("slow", "sent", ({ mail }) => mail === "sent")
  })
})
