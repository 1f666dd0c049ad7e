import type { PreparedCredentialId, UserId } from "@skypanel/contract/Id"
import type { PrepareCredential, ServiceCredential } from "@skypanel/contract/PreparedCredential"
import type { Source } from "@skypanel/contract/Source"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { usePostgres } from "../../../test/lab/fixtures.ts"
import { until } from "../../../test/lab/until.ts"
import { organization, type RepositoryScene, startRepositoryScene, user } from "../../test/repositoryScene.ts"
import { createService } from "../deploy/requests/create.ts"
import { updateService } from "../deploy/requests/update.ts"
import { newDeployKey } from "../domain/git/deployKey.ts"
import { newId, newOrganizationId } from "../domain/id.ts"
import { forgetPrepared } from "../store/PreparedCredentials.ts"
import { findService } from "../store/ServiceViews.ts"
import { asTenant } from "../store/Tenant.ts"
import { findConnection } from "./connection.ts"
import { forgetCredential, forgetHostKeys, giveToken, makeDeployKey } from "./credentials.ts"
import { awaitPrepared, discardPrepared, prepareCredential, tryPrepared } from "./prepared.ts"

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
    const elsewhere = "https://git.example.com:8443/acme/other.git"
    await changeUrl("web", elsewhere)
    expect((await connection("web")).credential).toBeNull()
    // Until it is told of the new build, the builder has that of before.
    const { access } = await scene.assigned(
      "web",
      ({ source }) => source._tag === "git" && source.url === elsewhere,
    )
    expect(access).toBeNull()
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

describe("a credential that is prepared before there is a service", () => {
  const ada = newId("usr") as UserId
  const grace = newId("usr") as UserId
  const origin = "https://git.example.net"
  const url = `${origin}/acme/new.git`
  const prepare = (given: PrepareCredential, member = ada) =>
    run(prepareCredential(organization, member, given))
  /** Has it tried, and gives what came of that. */
  const tried = async (id: PreparedCredentialId) => {
    expect((await run(tryPrepared(organization, ada, id))).state).toBe("trying")
    return until("the host's answer", async () => {
      await scene.builder.observe()
      const now = await run(awaitPrepared(organization, ada, id, 0))
      return now.state === "trying" ? null : now
    })
  }
  const createWith = (name: string, source: Source, credential: ServiceCredential) =>
    run(Effect.result(createService(organization, user, { name, source, credential })))
  const git = (url: string): Source => ({ _tag: "git", url, ref: null })
  const issueOf = (message: string) => ({
    failure: {
      _tag: "InvalidInput",
      issues: [{ path: "credential", message: expect.stringContaining(message) }],
    },
  })
  const isThere = async (name: string) => (await run(findService(organization.id, name))) !== null

  it("is tried, and taken over by the service that is created with it", async () => {
    const prepared = await prepare({ url, token })
    expect(prepared).toMatchObject({
      state: "untried",
      kind: "token",
      origin,
      username: "git",
      publicKey: null,
    })
    expect(JSON.stringify([prepared, await run(rowsOf("prepared_credential"))])).not.toContain(token)
    expect(await tried(prepared.id)).toMatchObject({ state: "opens", failure: null })
    expect(await createWith("new", git(url), { prepared: prepared.id })).toMatchObject({ _tag: "Success" })
    expect((await connection("new")).credential).toMatchObject({ kind: "token", origin, createdBy: user })
    await scene.assigned("new", ({ access }) => access?._tag === "token" && access.token === token)
    // It is gone: for another service it has to be given again, and that one is not made.
    expect(await createWith("second", git(url), { prepared: prepared.id })).toMatchObject(
      issueOf("not there any more"),
    )
    expect(await isThere("second")).toBe(false)
  })

  it("says why the host does not let it in", async () => {
    const { id } = await prepare({ url, token })
    const refused = {
      code: "credential-refused" as const,
      title: "It does not take it.",
      next: "Give another.",
      detail: "",
    }
    const failure = { ...refused, step: "building", lines: [], location: null } as const
    scene.refusals.set("credential", failure)
    expect(await tried(id)).toMatchObject({ state: "refused", failure: refused })
    scene.refusals.clear()
    expect((await tried(id)).state).toBe("opens")
    await run(discardPrepared(organization, ada, id))
    expect(await run(Effect.result(tryPrepared(organization, ada, id)))).toMatchObject({
      failure: { _tag: "NotFound" },
    })
  })

  it("is a deploy key over ssh, with the host key that was shown when it was tried", async () => {
    const ssh = "git@git.example.com:acme/keyed.git"
    expect(await run(Effect.result(prepareCredential(organization, ada, { url: ssh, token })))).toMatchObject(
      {
        failure: { _tag: "InvalidInput" },
      },
    )
    const { id, publicKey } = await prepare({ url: ssh })
    expect(publicKey).toMatch(/^ssh-ed25519 \S{68} skypanel-acme$/)
    const line = hostKey("git.example.com")
    scene.hostKeys.set("credential", [hostKey("elsewhere.example.com"), line])
    await tried(id)
    expect(await createWith("keyed", git(ssh), { prepared: id })).toMatchObject({ _tag: "Success" })
    const shown = await connection("keyed")
    expect(shown.credential?.publicKey).toBe(publicKey)
    expect(shown.hostKeys).toHaveLength(1)
    await scene.assigned("keyed", ({ access }) => access?._tag === "key" && access.knownHosts[0] === line)
  })

  it("is another member's neither to see nor to try, and another organization's not to take", async () => {
    const { id } = await prepare({ url, token })
    for (const request of [
      tryPrepared(organization, grace, id),
      awaitPrepared(organization, grace, id, 0),
      discardPrepared(organization, grace, id),
      awaitPrepared(others, ada, id, 0),
    ])
      expect(
        await run(Effect.result(request as typeof request & Effect.Effect<unknown, unknown>)),
      ).toMatchObject({
        failure: { _tag: "NotFound" },
      })
    const theirs = createService(others, user, {
      name: "theft",
      source: git(url),
      credential: { prepared: id },
    })
    expect(await run(Effect.result(theirs))).toMatchObject(issueOf("not there any more"))
    expect(await run(asTenant(others.id, rowsOf("prepared_credential")))).toEqual([])
  })

  it("is for its host only; a service that cannot have it is not made", async () => {
    const { id } = await prepare({ url, token })
    const elsewhere = git("https://git.example.org/acme/new.git")
    expect(await createWith("elsewhere", elsewhere, { prepared: id })).toMatchObject(
      issueOf(`is for ${origin}`),
    )
    const template = { _tag: "expression", expression: "1" } as const
    expect(await createWith("elsewhere", template, { token })).toMatchObject(
      issueOf("is for a Git repository"),
    )
    const ssh = git("git@git.example.com:acme/new.git")
    expect(await createWith("elsewhere", ssh, { token })).toMatchObject({ failure: { _tag: "InvalidInput" } })
    expect(await isThere("elsewhere")).toBe(false)
    // It is still there for the one that may.
    expect(await createWith("here", git(url), { prepared: id })).toMatchObject({ _tag: "Success" })
  })

  it("may be a token in the same request, also when a service moves to another host", async () => {
    expect(await createWith("direct", git(url), { token })).toMatchObject({ _tag: "Success" })
    await scene.assigned("direct", ({ access }) => access?._tag === "token" && access.token === token)
    const source = git("https://git.example.org/acme/moved.git")
    const credential = { token: "another-token", username: "bot" }
    await run(updateService(organization, user, "direct", { source, credential }))
    await scene.assigned("direct", ({ access }) => access?._tag === "token" && access.username === "bot")
    expect(
      await run(Effect.result(updateService(organization, user, "direct", { credential }))),
    ).toMatchObject(issueOf("give the source too"))
  })

  it("is kept for a day, and a member's newest five", async () => {
    const made = await Promise.all(Array.from({ length: 7 }, () => prepare({ url, token }, grace)))
    const count = async () => {
      const rows = (await run(rowsOf("prepared_credential"))) as ReadonlyArray<{ readonly user_id: string }>
      return rows.filter(({ user_id }) => user_id === grace).length
    }
    expect(await count()).toBe(5)
    const last = made.at(-1)!
    await run(
      Effect.flatMap(
        SqlClient.SqlClient,
        (sql) =>
          sql`update prepared_credential set created_at = now() - interval '25 hours' where user_id = ${grace}`,
      ),
    )
    expect(await run(Effect.result(awaitPrepared(organization, grace, last.id, 0)))).toMatchObject({
      failure: { _tag: "NotFound" },
    })
    await run(forgetPrepared)
    expect(await count()).toBe(0)
  })
})
