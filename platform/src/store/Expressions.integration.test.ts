import type { UpdateService } from "@skypanel/contract/Service"
import { afterAll, beforeAll, expect, it } from "vitest"
import { usePostgres } from "../../../test/lab/fixtures.ts"
import { startScriptedFleet } from "../../test/scriptedFleet.ts"
import type { Member } from "../auth/Auth.ts"
import { createService } from "../deploy/requests/create.ts"
import { updateService } from "../deploy/requests/update.ts"
import { newOrganizationId } from "../domain/id.ts"
import { findExpression, listExpressions } from "./Expressions.ts"
import { findService } from "./ServiceViews.ts"

const postgres = usePostgres()
let fleet: Awaited<ReturnType<typeof startScriptedFleet>>
beforeAll(async () => {
  fleet = await startScriptedFleet(await postgres().database())
}, 60_000)
afterAll(() => fleet?.stop())

const member = (slug: string): Member => ({ id: newOrganizationId(), slug, name: slug, role: "owner" })
const [acme, other] = [member("acme"), member("other")]
const user = "ada@example.com"
const expression = (text: string) => ({ _tag: "expression", expression: text }) as const

it("keeps each expression that a service was made from, for its organization", async () => {
  await fleet.run(createService(acme, user, { name: "web", source: expression("one\n") }))
  const { id: service } = (await fleet.run(findService(acme.id, "web")))!
  const change = (change: UpdateService) => fleet.run(updateService(acme, user, "web", change))
  const list = () => fleet.run(listExpressions(acme.id, service))
  await change({ source: expression("two\nlines\n") })
  // Made from the same: no version.
  await change({ source: expression("two\nlines\n") })
  await change({ source: { _tag: "git", url: "https://git.example.com/x.git", ref: null } })
  expect((await list()).map(({ version, current }) => [version, current])).toEqual([
    [2, false],
    [1, false],
  ])
  await change({ source: expression("one\n") })
  expect(await list()).toMatchObject([
    { version: 3, current: true, deployment: 5, lines: 1, createdBy: user },
    { version: 2, current: false, deployment: 2, lines: 2 },
    { version: 1, current: false, deployment: 1, lines: 1 },
  ])
  expect(await fleet.run(findExpression(acme.id, service, 2))).toMatchObject({ expression: "two\nlines\n" })
  expect(await fleet.run(findExpression(acme.id, service, 4))).toBeNull()
  expect(await fleet.run(listExpressions(other.id, service))).toEqual([])
  expect(await fleet.run(findExpression(other.id, service, 1))).toBeNull()
})
