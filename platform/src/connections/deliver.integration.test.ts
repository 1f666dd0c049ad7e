import { connect } from "node:net"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { usePostgres } from "../../../test/lab/fixtures.ts"
import { until } from "../../../test/lab/until.ts"
import {
  commitOf,
  organization,
  pushOf,
  type RepositoryScene,
  sendPush,
  startRepositoryScene,
  user,
} from "../../test/repositoryScene.ts"
import { createService } from "../deploy/requests/create.ts"
import { stopService } from "../deploy/requests/end.ts"
import { newOrganizationId } from "../domain/id.ts"
import { findConnection } from "./connection.ts"
import { changeHook, deliveriesOf, makeHook, removeHook } from "./hooks.ts"

const postgres = usePostgres()
let scene: RepositoryScene
let url: string
let secret: string
const run: RepositoryScene["run"] = (effect) => scene.run(effect)
beforeAll(async () => {
  scene = await startRepositoryScene(await postgres().database())
  await scene.create("web", "https://git.example.com/acme/web.git")
  const hook = await scene.hook("web")
  url = scene.origin + hook.path
  secret = hook.secret
}, 60_000)
afterAll(() => scene?.close())

const numbers = async () => (await scene.deployments("web")).map(({ number }) => number)
const deliveries = () => run(deliveriesOf(organization, "web"))

describe("a push", () => {
  it("deploys the commit that it names, and says who pushed it", async () => {
    const answer = await sendPush(url, secret, pushOf(1), { "x-github-delivery": "one" })
    expect(answer.status).toBe(202)
    expect(await answer.json()).toEqual({ outcome: "deployed", reason: "It is deployed.", deployment: 2 })
    const { source } = await scene.assigned(
      "web",
      (build) => build.source._tag === "git" && build.source.ref !== "main",
    )
    expect(source).toMatchObject({ ref: commitOf(1) })
    expect((await scene.deployments("web"))[0]).toMatchObject({
      trigger: "push",
      createdBy: "webhook GitHub, author Grace Hopper",
      revision: commitOf(1),
      source: { ref: "main" },
    })
    expect(await deliveries()).toMatchObject([
      { provider: "github", branch: "main", revision: commitOf(1), author: "Grace Hopper", deployment: 2 },
    ])
  })

  it("that comes again, under its name or another, deploys once", async () => {
    for (const name of ["one", "two"]) {
      const answer = await sendPush(url, secret, pushOf(1), { "x-github-delivery": name })
      expect(await answer.json()).toMatchObject({ outcome: "ignored", reason: "It was delivered before." })
    }
    const many = await Promise.all(Array.from({ length: 5 }, () => sendPush(url, secret, pushOf(2))))
    expect(many.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 202])
    expect(await numbers()).toEqual([3, 2, 1])
  })

  it("supersedes the one before, which has not ended", async () => {
    const before = await until("the earlier push to end", async () => {
      await scene.builder.observe()
      const found = (await scene.deployments("web")).find(({ number }) => number === 2)
      return found?.finishedAt == null ? null : found
    })
    expect(before).toMatchObject({ status: "canceled", failure: { title: "Deployment 3 came after it." } })
  })

  it("of something else does not deploy, and it is said why", async () => {
    await run(changeHook(organization, "web", { paths: ["src", "!*.md"] }))
    const reasonOf = async (payload: object, headers: Record<string, string> = {}) => {
      const told = await (await sendPush(url, secret, payload, headers)).json()
      return (told as { reason: string }).reason
    }
    expect(await reasonOf(pushOf(3, ["docs/a", "docs/b"]))).toBe("Only docs/ changed.")
    expect(await reasonOf(pushOf(3, ["src/a"], "next"))).toBe("Branch next was pushed, and main is deployed.")
    expect(await reasonOf({ ...pushOf(3), after: commitOf(0) })).toBe("The branch was deleted.")
    expect(await reasonOf({ zen: "Keep it simple." }, { "x-github-event": "ping" })).toContain("test")
    expect(await reasonOf({ ...pushOf(3), after: "--upload-pack=x" })).toContain("does not say")
    expect(await numbers()).toEqual([3, 2, 1])
    expect((await deliveries()).slice(0, 5).every(({ outcome }) => outcome === "ignored")).toBe(true)
  })
})

describe("a delivery", () => {
  it("that is not signed is refused, and the owner sees that", async () => {
    expect((await sendPush(url, "another secret", pushOf(4))).status).toBe(401)
    expect((await sendPush(url, secret, pushOf(4), { "x-hub-signature-256": "" })).status).toBe(401)
    expect((await run(findConnection(organization, "web"))).hook?.refusedAt).not.toBeNull()
    expect(await numbers()).toEqual([3, 2, 1])
  })

  it("to no webhook, and one that is too large, are not read", async () => {
    expect((await sendPush(`${scene.origin}/hooks/${"a".repeat(32)}`, secret, pushOf(4))).status).toBe(404)
    expect((await sendPush(`${scene.origin}/hooks/..`, secret, pushOf(4))).status).toBe(404)
    const large = await sendPush(url, secret, `"${"x".repeat(4 * 1024 * 1024)}"`).catch(() => ({
      status: 413,
    }))
    expect(large.status).toBe(413)
  })

  it("that is cut off leaves nothing", async () => {
    const { port, pathname } = new URL(url)
    const before = (await deliveries()).length
    const socket = connect(Number(port), "127.0.0.1")
    socket.write(`POST ${pathname} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{"ref":`)
    await until("what was sent to arrive", async () => (socket.bytesWritten > 0 ? true : null))
    socket.destroy()
    expect((await sendPush(url, secret, pushOf(5, ["docs/a"]))).status).toBe(200)
    expect((await deliveries()).length).toBe(before + 1)
  })

  it("that comes slowly holds up no other organization's, however many there are", async () => {
    const elsewhere = { ...organization, id: newOrganizationId(), slug: "other" }
    const source = { _tag: "git", url: "https://git.example.com/other/web.git", ref: "main" } as const
    await run(createService(elsewhere, user, { name: "web", source }))
    const other = await run(makeHook(elsewhere, user, "web"))
    const { port, pathname } = new URL(url)
    const slow = Array.from({ length: 60 }, () => {
      const socket = connect(Number(port), "127.0.0.1").on("error", () => undefined)
      socket.write(`POST ${pathname} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{"ref":`)
      return socket
    })
    const ping = { "x-github-event": "ping" }
    try {
      await until("as many to be read as are at once", async () => {
        const signal = AbortSignal.timeout(200)
        return sendPush(url, secret, { zen: Math.random() }, ping, signal).then(
          () => null,
          () => true,
        )
      })
      const path = new URL(other.repository.hook!.url).pathname
      let status: number | null = null
      const answer = sendPush(scene.origin + path, other.secret, {}, ping).then((answer) => {
        status = answer.status
      })
      await until("the other organization's to be read", async () => {
        slow.shift()?.destroy()
        return status
      })
      await answer
      expect(status).toBe(200)
      // Those that wait came before it.
      expect(slow.length).toBeGreaterThan(40)
    } finally {
      for (const socket of slow) socket.destroy()
    }
  })

  it("whose deployment cannot be written is not written either, and may come again", async () => {
    const execute = (text: string) => run(Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(text)))
    await execute("alter table hook_delivery add constraint failing check (revision <> repeat('6', 40))")
    expect((await sendPush(url, secret, pushOf(6))).status).toBe(503)
    expect(await numbers()).toEqual([3, 2, 1])
    await execute("alter table hook_delivery drop constraint failing")
    expect((await sendPush(url, secret, pushOf(6))).status).toBe(202)
    expect(await numbers()).toEqual([4, 3, 2, 1])
  })

  it("to a service that is stopped does not start it", async () => {
    await run(stopService(organization, "web"))
    expect(await (await sendPush(url, secret, pushOf(7))).json()).toMatchObject({
      reason: "The service is stopped.",
    })
  })

  it("counts with the newest secret only, and while the webhook is on", async () => {
    const made = await run(makeHook(organization, user, "web"))
    expect(made.repository.hook?.url.endsWith(new URL(url).pathname)).toBe(true)
    expect((await sendPush(url, secret, pushOf(8))).status).toBe(401)
    expect((await sendPush(url, made.secret, pushOf(8))).status).toBe(200)
    await run(changeHook(organization, "web", { enabled: false }))
    expect((await sendPush(url, made.secret, pushOf(8))).status).toBe(404)
    const removed = await run(removeHook(organization, "web"))
    expect(removed.hook).toBeNull()
    expect(await deliveries()).toEqual([])
    expect(await run(Effect.result(changeHook(organization, "web", {})))).toMatchObject({
      failure: { _tag: "NotFound" },
    })
  })
})
