import type { BuildObserved } from "@skypanel/contract/BuildAssignment"
import { Effect, Fiber, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { usePostgres } from "../../../test/lab/fixtures.ts"
import { until } from "../../../test/lab/until.ts"
import { addUser, type TestUser } from "../../test/administrators.ts"
import { headerOf, type MailServer, startMailServer } from "../../test/mailServer.ts"
import type { ScriptedWorker } from "../../test/ScriptedWorker.ts"
import { startScriptedFleet, succeeded } from "../../test/scriptedFleet.ts"
import { Auth } from "../auth/Auth.ts"
import { newOrganizationId } from "../domain/id.ts"
import { Mail } from "../mail/Mail.ts"
import { Notifications } from "../notify/Notifications.ts"
import { runOutboxWith } from "../notify/outbox.ts"
import { insertDeployment } from "../store/Deployments.ts"
import { findDeployment } from "../store/DeploymentViews.ts"
import type { ServiceRow } from "../store/rows.ts"
import { findService } from "../store/ServiceViews.ts"
import { createService } from "./requests/create.ts"
import { cancelDeployment } from "./requests/end.ts"
import { startDeployment } from "./requests/startDeployment.ts"
import { redeployService } from "./requests/update.ts"

/** Who is told of builds that fail, over a real database, workflow engine and mail server; the builder is scripted. */

const organization = { id: newOrganizationId(), slug: "acme", name: "Acme", role: "owner" } as const
const source = { _tag: "expression", expression: "{ pkgs, ... }: pkgs.hello" } as const
const failureOf = (title: string): NonNullable<BuildObserved["failure"]> => ({
  step: "building",
  code: "build-failed",
  title,
  detail: "exit code 1",
  next: "Correct the error.",
  lines: ["src/index.ts(14,7): error TS2322"],
  location: { file: "src/index.ts", line: 14, column: 7 },
})

const postgres = usePostgres()
let mail: MailServer
let fleet: Awaited<ReturnType<typeof startScriptedFleet>>
let worker: ScriptedWorker
let sending: Fiber.Fiber<unknown, unknown> | undefined
let [ada, bob, carol, dan] = [] as unknown as [TestUser, TestUser, TestUser, TestUser]
const run = <A, E, R>(effect: Effect.Effect<A, E, R>): Promise<A> => fleet.run(effect)

beforeAll(async () => {
  mail = await startMailServer()
  const settings = {
    SKYPANEL_SMTP_URL: `smtp://127.0.0.1:${mail.port}`,
    SKYPANEL_MAIL_FROM: "sky@example.com",
    SKYPANEL_PUBLIC_URL: "https://panel.example.com",
  }
  const real = Notifications.layer.pipe(Layer.provideMerge(Mail.layer), Layer.provideMerge(Auth.layer))
  fleet = await startScriptedFleet(await postgres().database(), settings, real as never)
  worker = await fleet.addWorker()
  const outbox = runOutboxWith({ atOnce: 2, leaseSeconds: 30, lookMs: 20, pauseMs: 20 })
  sending = await run(Effect.forkDetach(outbox))
  ada = await run(addUser("ada", "user"))
  bob = await run(addUser("bob", "user"))
  carol = await run(addUser("carol", "user"))
  dan = await run(addUser("dan", "admin"))
  await run(
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* sql`insert into auth.organization (id, name, slug, "createdAt")
        values (${organization.id}, 'Acme', 'acme', now())`
      for (const [user, role] of [
        [ada, "member"],
        [bob, "owner"],
        [carol, "admin"],
      ] as const)
        yield* sql`insert into auth.member (id, "organizationId", "userId", role, "createdAt")
          values (${`mem_${user.id}`}, ${organization.id}, ${user.id}, ${role}, now())`
    }),
  )
}, 60_000)
afterAll(async () => {
  if (sending) await run(Fiber.interrupt(sending))
  await fleet?.stop()
  await mail?.stop()
})

/** Its newest deployment, which fails with this in its build, or builds. */
const ends = (failure: string | null, number: number) => {
  worker.script = {
    ...worker.script,
    builds: ({ builds }) =>
      builds.map(({ id }) =>
        failure === null
          ? succeeded(id)
          : { ...succeeded(id), phase: "failed", result: null, failure: failureOf(failure) },
      ),
  }
  return until(
    `deployment ${number} to end`,
    async () => {
      await worker.observe()
      const service = await run(findService(organization.id, "web"))
      const found = service && (await run(findDeployment(organization.id, service.id, number)))
      return found?.finishedAt != null ? found : null
    },
    20,
  )
}

/** Deploys as something other than a member would. */
const push = (createdBy: string) =>
  run(
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const [service] = yield* sql<ServiceRow>`select * from service where name = 'web'`
      return yield* insertDeployment(service!, "push", null, createdBy)
    }).pipe(
      (effect) => Effect.flatMap(SqlClient.SqlClient, (sql) => sql.withTransaction(effect)),
      Effect.flatMap(startDeployment),
    ),
  )

const titles = async ({ id }: TestUser) => {
  const { notifications } = await run(Effect.flatMap(Notifications, (service) => service.list(id)))
  return notifications.map(({ title }) => title.replace(/^web \(acme\):? /, ""))
}
const mailed = (to: TestUser) => mail.received.filter((one) => one.to.includes(to.email))

describe("a build that fails", () => {
  it("is told to the member who started it, with where the whole log is, and to nobody else", async () => {
    await run(createService(organization, ada.email, { name: "web", source }))
    expect(await ends("It does not compile.", 1)).toMatchObject({ status: "failed" })
    expect(await titles(ada)).toEqual(["build 1 failed: It does not compile."])
    const [received] = await until("the e-mail", async () => (mailed(ada).length > 0 ? mailed(ada) : null))
    expect(headerOf(received!.raw, "subject")).toContain("build 1 failed: It does not compile.")
    const text = received!.raw.replaceAll("=\r\n", "")
    expect(text).toContain("https://panel.example.com/organizations/acme/services/web/deployments/1")
    expect(text).toContain("error TS2322")
    expect([await titles(bob), await titles(carol), await titles(dan)]).toEqual([[], [], []])
  })

  it("is not told again for the same reason, however often, and canceled ones change nothing", async () => {
    for (const number of [2, 3]) {
      await run(redeployService(organization, ada.email, "web"))
      await ends("It does not compile.", number)
    }
    worker.script = { ...worker.script, builds: () => [] }
    await run(redeployService(organization, ada.email, "web"))
    await run(cancelDeployment(organization, ada.email, "web", 4))
    await ends("It does not compile.", 4)
    await run(redeployService(organization, bob.email, "web"))
    await ends("It does not compile.", 5)
    expect(await titles(ada)).toHaveLength(1)
    expect(await titles(bob)).toEqual([])
  })

  it("for another reason is told, to owners and administrators where no member started it", async () => {
    await push("webhook GitHub, author ada@example.com")
    await ends("A dependency is missing.", 6)
    for (const user of [bob, carol])
      expect(await titles(user)).toEqual(["build 6 failed: A dependency is missing."])
    expect(await titles(ada)).toHaveLength(1)
    await until("both e-mails", async () => (mailed(bob).length + mailed(carol).length === 2 ? true : null))
  })

  it("is told to be over when it builds again, once, to those who were told that it failed", async () => {
    await run(redeployService(organization, ada.email, "web"))
    await ends(null, 7)
    await run(redeployService(organization, ada.email, "web"))
    await ends(null, 8)
    for (const user of [bob, carol])
      expect(await titles(user)).toEqual([
        "builds again, with build 7.",
        "build 6 failed: A dependency is missing.",
      ])
    expect(await titles(ada)).toHaveLength(1)
  })

  it("is told again after a build that was good, though its deployment was ended", async () => {
    await run(redeployService(organization, ada.email, "web"))
    await ends("It does not compile.", 9)
    const { container } = worker.script
    worker.script = {
      ...worker.script,
      builds: ({ builds }) => builds.map(({ id }) => succeeded(id)),
      container: (of) => ({ ...container(of), healthy: false }),
    }
    await run(redeployService(organization, ada.email, "web"))
    await until("its release", async () => {
      await worker.observe()
      const service = await run(findService(organization.id, "web"))
      return (await run(findDeployment(organization.id, service!.id, 10)))?.release ?? null
    })
    await run(cancelDeployment(organization, ada.email, "web", 10))
    await until("it to be canceled", async () => {
      await worker.observe()
      const service = await run(findService(organization.id, "web"))
      return (await run(findDeployment(organization.id, service!.id, 10)))?.finishedAt ?? null
    })
    worker.script = { ...worker.script, container }
    await run(redeployService(organization, ada.email, "web"))
    await ends(null, 11)
    await run(redeployService(organization, ada.email, "web"))
    await ends("It does not compile.", 12)
    expect((await titles(ada)).slice(0, 3)).toEqual([
      "build 12 failed: It does not compile.",
      "builds again, with build 10.",
      "build 9 failed: It does not compile.",
    ])
  })

  it("is not told to who has switched it off", async () => {
    await run(
      Effect.flatMap(Notifications, (notifications) =>
        notifications.setPreferences(bob.id, [{ kind: "build", page: false, email: false }]),
      ),
    )
    await push("polling")
    await ends("It is too large.", 13)
    expect(await titles(bob)).toHaveLength(2)
    expect(await titles(carol)).toHaveLength(3)
  })
})
