import { existsSync, statSync, writeFileSync } from "node:fs"
import type { RequestListener } from "node:http"
import { join } from "node:path"
import { type Registration, registrationText } from "@skypanel/contract/WorkerIdentity"
import { Effect, Layer, Logger, ManagedRuntime } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { application, settings, temporaryFolder } from "../../test/edge.ts"
import { AgentConfig, type AgentSettings } from "../config.ts"
import { Identity } from "./Identity.ts"
import { isSignedBy, makeKeyPair } from "./KeyPair.ts"
import type { NotRegistered } from "./register.ts"

const token = "t".repeat(43)
const platformKey = makeKeyPair().publicKey
const registered = () =>
  JSON.stringify({
    workerId: `wrk_${"0".repeat(24)}`,
    keyId: `key_${"0".repeat(24)}`,
    name: "worker-1",
    roles: ["services"],
    platformKey,
  })

let asked: Array<Registration> = []
let answer: (...args: Parameters<RequestListener>) => void
let platform: Awaited<ReturnType<typeof application>>
let data: ReturnType<typeof temporaryFolder>
const ends: Array<() => Promise<void>> = []

beforeEach(async () => {
  asked = []
  data = temporaryFolder()
  answer = (_, response) => void response.writeHead(201).end(registered())
  platform = await application((request, response) => {
    let body = ""
    request.on("data", (chunk) => (body += chunk))
    request.on("end", () => {
      asked.push(JSON.parse(body))
      answer(request, response)
    })
  })
})
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
  await platform.close()
  data.remove()
})

const tokenFile = () => join(data.folder, "token")
const putToken = (text = token) => writeFileSync(tokenFile(), `${text}\n`, { mode: 0o600 })

/** An agent's identity over what is on its disk. */
const start = (more: Partial<AgentSettings> = {}) => {
  const runtime = ManagedRuntime.make(
    Identity.layer.pipe(
      Layer.provide(
        Layer.succeed(
          AgentConfig,
          settings({
            controlPlane: new URL(`http://127.0.0.1:${platform.port}`),
            dataFolder: data.folder,
            tokenFile: tokenFile(),
            ...more,
          }),
        ),
      ),
      Layer.provideMerge(Logger.layer([])),
    ),
  )
  ends.push(() => runtime.dispose())
  const use = <A, E>(what: (identity: Identity["Service"]) => Effect.Effect<A, E>) =>
    runtime.runPromise(Effect.flatMap(Identity, what))
  return {
    current: () => use(({ current }) => current),
    refusal: () => use(({ current }) => Effect.flip(current)) as Promise<NotRegistered>,
    refused: () => use(({ refused }) => refused),
  }
}

describe("a worker that is nobody yet", () => {
  it("trades its token for an identity whose key nobody else ever saw, and is that worker from then on", async () => {
    putToken()
    const { name, publicKey } = await start().current()
    expect(name).toBe("worker-1")
    const [{ proof, ...sent }] = asked as [Registration]
    expect(sent).toMatchObject({ token, publicKey })
    expect(isSignedBy(publicKey, registrationText({ token, publicKey }), proof)).toBe(true)
    expect(JSON.stringify(asked)).not.toContain((await start().current()).privateKey)
    expect(statSync(join(data.folder, "identity.json")).mode & 0o777).toBe(0o600)
    expect(existsSync(tokenFile())).toBe(false)
    expect(asked).toHaveLength(1)
  })

  it("asks with the same key again when the answer was lost", async () => {
    putToken()
    answer = (_, response) => response.destroy()
    expect(await start().refusal()).toMatchObject({ final: false })
    answer = (_, response) => void response.writeHead(201).end(registered())
    const { publicKey } = await start().current()
    expect(asked.map((one) => one.publicKey)).toEqual([publicKey, publicKey])
  })

  it("does not become a worker of another platform than the one that the installation names", async () => {
    putToken()
    const other = await start({ platformKey: makeKeyPair().publicKey }).refusal()
    expect(other).toMatchObject({ final: true, reason: expect.stringContaining("its key is another") })
    expect(existsSync(join(data.folder, "identity.json"))).toBe(false)
    expect(await start({ platformKey }).current()).toMatchObject({ platformKey })
  })

  it.each([
    [
      401,
      { message: "The token was used.", next: "Add the worker anew." },
      true,
      "The token was used. Add the worker anew.",
    ],
    [503, { message: "Wait.", next: "Try again." }, false, "Wait. Try again."],
    [404, "not ours", true, "the platform answered 404"],
    [201, "nonsense", false, "the platform's answer is none that we know"],
  ])("says why it is not let in: %d", async (status, body, final, reason) => {
    putToken()
    answer = (_, response) =>
      void response.writeHead(status).end(typeof body === "string" ? body : JSON.stringify(body))
    expect(await start().refusal()).toMatchObject({ final, reason })
    expect(existsSync(tokenFile())).toBe(true)
  })

  it("needs a token", async () => {
    expect(await start().refusal()).toMatchObject({ final: true })
    expect(await start({ tokenFile: null }).refusal()).toMatchObject({ final: true })
    putToken("")
    expect(await start().refusal()).toMatchObject({ final: true })
    expect(asked).toEqual([])
  })
})

describe("a worker that its platform does not know any more", () => {
  it("becomes another one with a new token, and stays what it is without one or with the used one", async () => {
    putToken()
    const identity = start()
    const before = await identity.current()
    await identity.refused()
    expect(await identity.current()).toEqual(before)
    putToken()
    await identity.refused()
    expect(await identity.current()).toEqual(before)
    expect(asked).toHaveLength(1)
    putToken("n".repeat(43))
    await identity.refused()
    expect((await identity.current()).publicKey).not.toBe(before.publicKey)
    expect(asked).toHaveLength(2)
    expect(existsSync(join(data.folder, "identity.json.refused"))).toBe(true)
  })
})
