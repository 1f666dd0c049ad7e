import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { usePostgres } from "../../../test/lab/fixtures.ts"
import { organization, type RepositoryScene, startRepositoryScene, user } from "../../test/repositoryScene.ts"
import { newOrganizationId } from "../domain/id.ts"
import { asTenant } from "../store/Tenant.ts"
import { forgetRegistry, giveRegistry, registriesOf } from "./registries.ts"

const postgres = usePostgres()
let scene: RepositoryScene
const run: RepositoryScene["run"] = (effect) => scene.run(effect)
beforeAll(async () => {
  scene = await startRepositoryScene(await postgres().database())
}, 60_000)
afterAll(() => scene?.close())

const others = { ...organization, id: newOrganizationId(), slug: "others" }
const password = "a-password-of-acme"
const give = (registry: string) =>
  run(giveRegistry(organization, user, { registry, username: "robot", password }))
const rows = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`select * from registry_credential`)

describe("a registry's credential", () => {
  it("goes into the assignments of images of that registry, and is shown nowhere", async () => {
    const shown = await give("GHCR.io")
    expect(shown).toMatchObject([{ registry: "ghcr.io", username: "robot", createdBy: user }])
    expect(JSON.stringify([shown, await run(rows)])).not.toContain(password)
    await scene.createFrom("app", { _tag: "image", reference: "ghcr.io/acme/app:1" })
    await scene.createFrom("other", { _tag: "image", reference: "quay.io/acme/app:1" })
    await scene.createFrom("hub", { _tag: "image", reference: "acme/app:1" })
    const login = { _tag: "token", username: "robot", token: password }
    expect((await scene.assigned("app")).access).toEqual(login)
    expect((await scene.assigned("other")).access).toBeNull()
    expect((await scene.assigned("hub")).access).toBeNull()
    await give("index.docker.io")
    await scene.assigned("hub", ({ access }) => access?._tag === "token" && access.token === password)
  })

  it("goes to the builder of a repository or a folder, where a Dockerfile may name the registry", async () => {
    const all = ["docker.io", "ghcr.io"].map((registry) => ({ registry, username: "robot", password }))
    await scene.createFrom("cloned", { _tag: "git", url: "https://git.example/acme/web.git", ref: null })
    expect((await scene.assigned("cloned")).registries).toEqual(all)
    expect((await scene.assigned("app")).registries).toEqual([])
  })

  it("is not another organization's, and opens only in its own row", async () => {
    expect(await run(registriesOf(others))).toEqual([])
    expect(await run(asTenant(others.id, rows))).toEqual([])
    await run(
      Effect.flatMap(
        SqlClient.SqlClient,
        (sql) => sql`update registry_credential
        set sealed = (select sealed from registry_credential where registry = 'docker.io') where registry = 'ghcr.io'`,
      ),
    )
    await scene.assigned("app", ({ access }) => access === null)
  })

  it.each(["", "nginx", "https://ghcr.io", "ghcr.io/acme", "169.254.169.254", "localhost:5000"])(
    "is refused for %j",
    async (registry) => {
      const refused = await run(
        Effect.result(giveRegistry(organization, user, { registry, username: "x", password })),
      )
      expect(refused).toMatchObject({ _tag: "Failure", failure: { _tag: "InvalidInput" } })
    },
  )

  it("is gone when it is removed", async () => {
    expect(await run(forgetRegistry(organization, "ghcr.io"))).toHaveLength(1)
    const again = await run(Effect.result(forgetRegistry(organization, "ghcr.io")))
    expect(again).toMatchObject({ _tag: "Failure", failure: { _tag: "NotFound" } })
  })
})
