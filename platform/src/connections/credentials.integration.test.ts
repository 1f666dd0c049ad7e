import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { usePostgres } from "../../../test/lab/fixtures.ts"
import { until } from "../../../test/lab/until.ts"
import { organization, type RepositoryScene, startRepositoryScene, user } from "../../test/repositoryScene.ts"
import { updateService } from "../deploy/requests/update.ts"
import { newDeployKey } from "../domain/git/deployKey.ts"
import { newOrganizationId } from "../domain/id.ts"
import { asTenant } from "../store/Tenant.ts"
import { findConnection } from "./connection.ts"
import { forgetCredential, forgetHostKeys, giveToken, makeDeployKey } from "./credentials.ts"

const postgres = usePostgres()
let scene: RepositoryScene
const run: RepositoryScene["run"] = (effect) => scene.run(effect)
beforeAll(async () => {
  scene = await startRepositoryScene(await postgres().database())
}, 60_000)
afterAll(() => scene?.close())

const others = { ...organization, id: newOrganizationId(), slug: "others" }
const token = "a-token-of-acme"
const rowsOf = (table: string) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) => sql`select * from ${sql(table)}`)
const connection = (name: string) => run(findConnection(organization, name))
const hostKey = (host: string) => `${host} ${newDeployKey("").publicKey.trim()}`
const changeUrl = (name: string, url: string) =>
  run(updateService(organization, user, name, { source: { _tag: "git", url, ref: null } }))

describe("an access token", () => {
  it("goes into the assignments of its service's builds, and is shown nowhere", async () => {
    await scene.create("web", "https://git.example.com/acme/web.git")
    expect((await scene.assigned("web")).access).toBeNull()
    const shown = await run(giveToken(organization, user, "web", { token }))
    expect(shown).toMatchObject({
      protocol: "https",
      credential: {
        kind: "token",
        origin: "https://git.example.com",
        username: "git",
        publicKey: null,
        createdBy: user,
      },
    })
    expect(JSON.stringify([shown, await run(rowsOf("credential"))])).not.toContain(token)
    await scene.create("public", "https://git.example.com/acme/public.git")
    expect((await scene.assigned("public")).access).toBeNull()
    await scene.assigned("web", ({ access }) => access?._tag === "token" && access.token === token)
  })

  it("is not another organization's", async () => {
    const theirs = await run(Effect.result(findConnection(others, "web")))
    expect(theirs).toMatchObject({ _tag: "Failure", failure: { _tag: "NotFound" } })
    for (const table of ["credential", "host_key", "hook", "hook_delivery"])
      expect(await run(asTenant(others.id, rowsOf(table)))).toEqual([])
    expect(await run(asTenant(organization.id, rowsOf("credential")))).toHaveLength(1)
  })

  it("opens in its own row only", async () => {
    await scene.create("thief", "https://git.example.com/acme/thief.git")
    await run(
      Effect.flatMap(
        SqlClient.SqlClient,
        (
          sql,
        ) => sql`insert into credential select s.id, s.organization_id, c.kind, c.origin, c.username, null,
          c.sealed, c.sealing_key, c.created_by from service s, credential c where s.name = 'thief'`,
      ),
    )
    expect((await scene.assigned("thief")).access).toBeNull()
    await run(forgetCredential(organization, "thief"))
  })

  it("stays while the repository's host does, and goes with it", async () => {
    await changeUrl("web", "https://git.example.com/acme/other.git")
    expect((await connection("web")).credential).not.toBeNull()
    await changeUrl("web", "https://git.example.com:8443/acme/other.git")
    expect((await connection("web")).credential).toBeNull()
    expect((await scene.assigned("web")).access).toBeNull()
  })

  it("is refused for ssh, as a deploy key is for https", async () => {
    await scene.create("deep", "git@git.example.com:acme/deep.git")
    expect(await run(Effect.result(giveToken(organization, user, "deep", { token })))).toMatchObject({
      failure: { _tag: "InvalidInput" },
    })
    expect(await run(Effect.result(makeDeployKey(organization, user, "web")))).toMatchObject({
      failure: { _tag: "NotPossibleNow" },
    })
  })
})

describe("a deploy key", () => {
  it("shows its public half, and gives the private one to the fetch", async () => {
    const shown = await run(makeDeployKey(organization, user, "deep"))
    expect(shown.credential?.publicKey).toMatch(/^ssh-ed25519 \S{68} skypanel-acme-deep$/)
    const { access } = await scene.assigned("deep", ({ access }) => access?._tag === "key")
    expect(access).toMatchObject({ knownHosts: [] })
    const again = await run(makeDeployKey(organization, user, "deep"))
    expect(again.credential?.publicKey).not.toBe(shown.credential?.publicKey)
  })

  it("is used with the host key of the first fetch until that is forgotten", async () => {
    const [first, second] = [hostKey("git.example.com"), hostKey("git.example.com")]
    const keys = (line: string) => scene.hostKeys.set("deep", [line])
    keys(hostKey("elsewhere.example.com"))
    await scene.builder.observe()
    keys(first)
    const pinned = async () =>
      until("a host key to be pinned", async () => {
        await scene.builder.observe()
        const { hostKeys } = await connection("deep")
        return hostKeys.length > 0 ? hostKeys : null
      })
    expect(await pinned()).toEqual([
      expect.objectContaining({ origin: "ssh://git.example.com", type: "ssh-ed25519" }),
    ])
    keys(second)
    const known = (line: string) =>
      scene.assigned("deep", ({ access }) => access?._tag === "key" && access.knownHosts[0] === line)
    await known(first)
    expect(await pinned()).toHaveLength(1)
    await run(forgetHostKeys(organization, "deep"))
    await pinned()
    await known(second)
  })
})
