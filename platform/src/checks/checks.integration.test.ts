import type { BuildAssignment, BuildObserved } from "@skypanel/contract/BuildAssignment"
import type { PackagePlan } from "@skypanel/contract/Check"
import type { CheckId, UserId } from "@skypanel/contract/Id"
import { Cause, Effect, Exit, Fiber, Option } from "effect"
import { SqlClient } from "effect/sql"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { usePostgres } from "../../../test/lab/fixtures.ts"
import { until } from "../../../test/lab/until.ts"
import type { ScriptedWorker } from "../../test/ScriptedWorker.ts"
import { startScriptedFleet, succeeded } from "../../test/scriptedFleet.ts"
import { newOrganizationId } from "../domain/id.ts"
import { dealChecks, findAskedCheck, tendChecks } from "../store/Checks.ts"
import { asTenant } from "../store/Tenant.ts"
import { awaitCheck, runChecks, startCheck } from "./checks.ts"

const postgres = usePostgres()
let fleet: Awaited<ReturnType<typeof startScriptedFleet>>
let builder: ScriptedWorker
let loop: Fiber.Fiber<void>
beforeAll(async () => {
  fleet = await startScriptedFleet(await postgres().database())
  // An agent of before, which would build what it shall check: it is never asked.
  await fleet.addWorker()
  loop = await run(Effect.forkDetach(runChecks))
}, 60_000)
afterAll(async () => {
  if (loop !== undefined) await run(Fiber.interrupt(loop))
  await fleet?.stop()
})

const run: typeof fleet.run = (effect) => fleet.run(effect)
const organization = (slug: string) => ({ id: newOrganizationId(), slug, name: slug, role: "owner" }) as const
const [acme, other, third] = [organization("acme"), organization("other"), organization("third")]
const user = (name: string) => `usr_${name.padEnd(24, "0")}` as UserId
const [ada, grace] = [user("ada"), user("grace")]
const expression = (text: string) => ({ source: { _tag: "expression", expression: text } }) as const

const plan: PackagePlan = {
  name: "web",
  version: "1",
  state: "to-build",
  recognisedAs: "Nix expression",
  packages: [{ name: "hello", version: "2.10", state: "on-builder", direct: true, bytes: 1 }],
  totals: { packages: 1, onBuilder: 1, inCache: 0, toFetch: 0, toBuild: 0, bytesToFetch: 0 },
  cut: false,
}
const found = (text: string, id: BuildObserved["id"]): BuildObserved =>
  text.includes("helo")
    ? {
        ...succeeded(id),
        phase: "failed",
        result: null,
        failure: {
          step: "building",
          code: "evaluation-undefined",
          title: "There is no attribute “helo”.",
          detail: "",
          next: "Did you mean hello?",
          lines: [],
          location: { file: "expression.nix", line: 1, column: 1 },
          suggestions: ["hello"],
        },
      }
    : { ...succeeded(id), result: null, plan }
/** Whether the builder answers, or is at work on them. */
let answers = true
const asked = () =>
  (builder.desired?.builds ?? []).flatMap((build) => {
    expect(build.check).toBe(true)
    return build.source._tag === "expression" ? [build.source.expression] : []
  })
const isAgain = ({ source }: BuildAssignment) => source._tag === "expression" && source.expression === "again"
const ended = (check: { readonly id: CheckId }, who = ada, of = acme) =>
  until("the check to end", async () => {
    await builder.observe()
    const now = await run(awaitCheck(of, who, check.id, 0))
    return now.state === "done" ? now : null
  })
const errorOf = async <E>(
  effect: Effect.Effect<unknown, E, never> | Effect.Effect<unknown, E, SqlClient.SqlClient>,
) => {
  const exit = (await run(Effect.exit(effect as Effect.Effect<unknown, E>))) as Exit.Exit<unknown, E>
  return Exit.isFailure(exit) ? Option.getOrNull(Cause.findErrorOption(exit.cause)) : null
}

describe("a check", () => {
  it("is refused while no builder is there that knows what that is", async () => {
    expect(await errorOf(startCheck(acme, ada, expression("1")) as never)).toMatchObject({
      _tag: "Unavailable",
      message: "No builder can check this now.",
    })
    builder = await fleet.addWorker({ checkSlots: 4 })
    builder.script = {
      ...builder.script,
      builds: ({ builds }) =>
        answers
          ? builds.flatMap(({ id, source }) =>
              source._tag === "expression" ? [found(source.expression, id)] : [],
            )
          : [],
    }
  })

  it("gives the packages of what evaluates, and what is wrong in its place", async () => {
    const good = await until("a builder", () =>
      run(startCheck(acme, ada, expression("pkgs.hello"))).catch(() => null),
    )
    expect(await ended(good)).toMatchObject({ state: "done", diagnostics: [], plan })
    const bad = await run(startCheck(acme, ada, expression("pkgs.helo")))
    expect((await ended(bad)).diagnostics).toEqual([
      {
        code: "evaluation-undefined",
        message: "There is no attribute “helo”.",
        detail: "",
        next: "Did you mean hello?",
        suggestions: ["hello"],
        place: { file: "expression.nix", line: 1, column: 6, endColumn: 10 },
      },
    ])
  })

  it("takes the place of the member's last one, which ends at its builder", async () => {
    answers = false
    const first = await run(startCheck(acme, ada, expression("first")))
    await until("the first to be asked", async () => asked().includes("first") || null)
    const second = await run(startCheck(acme, ada, expression("second")))
    await until("the second to be asked instead", async () => asked().join() === "second" || null)
    expect(await errorOf(awaitCheck(acme, ada, first.id, 0) as never)).toMatchObject({ _tag: "NotFound" })
    answers = true
    await ended(second)
  })

  it("waits its turn: no builder has more than it says, and who has fewer is next", async () => {
    answers = false
    const names = ["one", "two", "three"].map(user)
    const sorted = () => asked().toSorted().join()
    for (const name of names) await run(startCheck(acme, name, expression(name)))
    // Half of it is for others.
    await until("two to be asked", async () => asked().length === 2 || null)
    for (const text of ["more", "rest"]) await run(startCheck(other, user(text), expression(text)))
    const four = [names[0]!, names[1]!, "more", "rest"].toSorted().join()
    await until("four to be asked", async () => sorted() === four || null)
    const late = await run(startCheck(third, grace, expression("late")))
    await run(dealChecks)
    expect(sorted()).toBe(four)
    expect(await run(awaitCheck(third, grace, late.id, 0))).toMatchObject({ state: "waiting" })
    await run(startCheck(acme, names[0]!, expression("again")))
    await until("the third organization to be next", async () => asked().includes("late") || null)
    const waiting = await run(
      Effect.flatMap(
        SqlClient.SqlClient,
        (sql) => sql<{
          id: CheckId
          user_id: UserId
        }>`update source_check set waiting_since = now() - interval '1 minute'
          where asked_id is null and finished_at is null returning id, user_id`,
      ),
    )
    expect(waiting.map(({ user_id }) => user_id).toSorted()).toEqual([names[0], names[2]].toSorted())
    await run(tendChecks)
    expect(
      await run(awaitCheck(acme, names[2]!, waiting.find((one) => one.user_id === names[2])!.id, 0)),
    ).toMatchObject({
      diagnostics: [{ code: "no-builder", message: "The builders are busy with other checks." }],
    })
    answers = true
    await ended(late, grace, third)
  })

  it("is asked again when its builder was lost, however long ago it was begun", async () => {
    answers = false
    const check = await run(startCheck(acme, ada, expression("again")))
    const before = await until(
      "it to be asked",
      async () => builder.desired?.builds.find(isAgain)?.id ?? null,
    )
    await run(
      Effect.flatMap(
        SqlClient.SqlClient,
        (sql) => sql`update source_check set created_at = now() - interval '125 seconds',
          waiting_since = now() - interval '125 seconds', asked_at = now() - interval '121 seconds'
          where id = ${check.id}`,
      ),
    )
    await run(tendChecks)
    await run(dealChecks)
    await until("it to be asked again", async () => {
      const now = builder.desired?.builds.find(isAgain)?.id
      return (now !== undefined && now !== before) || null
    })
    // It has as long as with the first one, however long that one had it.
    await run(
      Effect.flatMap(
        SqlClient.SqlClient,
        (sql) => sql`update source_check set created_at = now() - interval '235 seconds',
          waiting_since = now() - interval '110 seconds', asked_at = now() - interval '110 seconds'
          where id = ${check.id}`,
      ),
    )
    await run(tendChecks)
    answers = true
    expect(await ended(check)).toMatchObject({ plan, diagnostics: [] })
  })

  it("is the member's own", async () => {
    const mine = await run(startCheck(acme, ada, expression("mine")))
    expect(await errorOf(awaitCheck(acme, grace, mine.id, 0) as never)).toMatchObject({ _tag: "NotFound" })
    expect(await errorOf(awaitCheck(other, ada, mine.id, 0) as never)).toMatchObject({ _tag: "NotFound" })
    const rows = await run(
      asTenant(
        other.id,
        Effect.flatMap(SqlClient.SqlClient, (sql) => sql`select from source_check where user_id = ${ada}`),
      ),
    )
    expect(rows).toEqual([])
    await ended(mine)
  })

  it("is refused when the organization has too many under way", async () => {
    answers = false
    const members = Array.from({ length: 20 }, (_, n) => user(`member${n}x`))
    for (const member of members) await run(startCheck(acme, member, expression("x")))
    expect(await errorOf(startCheck(acme, grace, expression("x")) as never)).toMatchObject({
      _tag: "NotPossibleNow",
    })
    // Its own place, a member has in any case.
    await run(startCheck(acme, members[0]!, expression("y")))
    answers = true
    await until("all to end", async () => {
      await builder.observe()
      const open = await run(
        Effect.flatMap(SqlClient.SqlClient, (sql) => sql`select from source_check where finished_at is null`),
      )
      return open.length === 0 ? true : null
    })
  })

  it("ends when nobody answers it, and is forgotten after an hour", async () => {
    answers = false
    const check = await run(startCheck(acme, ada, expression("lost")))
    await until("it to be asked", async () => asked().includes("lost") || null)
    const age = (interval: string) =>
      run(
        Effect.flatMap(
          SqlClient.SqlClient,
          (sql) =>
            sql`update source_check set created_at = now() - ${interval}::interval,
              asked_at = now() - ${interval}::interval where id = ${check.id}`,
        ),
      )
    await age("10 minutes")
    const before = builder.desired!.builds[0]!.id
    expect(await run(findAskedCheck(before))).toMatchObject({ organization_id: acme.id })
    await run(tendChecks)
    expect(await run(awaitCheck(acme, ada, check.id, 0))).toMatchObject({
      state: "done",
      plan: null,
      diagnostics: [{ code: "no-builder", place: null }],
    })
    expect(await run(findAskedCheck(before))).toBeNull()
    await age("2 hours")
    await run(tendChecks)
    expect(await errorOf(awaitCheck(acme, ada, check.id, 0) as never)).toMatchObject({ _tag: "NotFound" })
  })
})
