import { createHash } from "node:crypto"
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { AgentOrigin } from "@skypanel/contract/Worker"
import { Effect, ManagedRuntime } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { until } from "../../test/containers.ts"
import { versionFiles } from "../launcher/versionFiles.ts"
import { Upgrade } from "./Upgrade.ts"

const sha256Of = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex")
const bundle = Buffer.from("// a new version\n")
const wanted = { version: "2.0.0+new", sha256: sha256Of(bundle) }
const running = sha256Of(Buffer.from("the version that runs"))

let data = ""
let url = new URL("http://127.0.0.1")
let asked: Array<string> = []
let answer: RequestListener = () => undefined
const server = createServer((request, response) => {
  asked.push(request.url ?? "")
  answer(request, response)
})
const stops: Array<() => Promise<void>> = []

beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), "skypanel-upgrade-"))
  asked = []
  answer = (_, response) => response.end(bundle)
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  process.env.SKYPANEL_AGENT_SHA256 = running
})
afterEach(async () => {
  delete process.env.SKYPANEL_AGENT_SHA256
  for (const stop of stops.splice(0)) await stop()
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
  rmSync(data, { recursive: true, force: true })
})

/** An agent's upgrade; `isReady` once it shall end. */
const start = (origin: AgentOrigin = "bundle") => {
  const runtime = ManagedRuntime.make(Upgrade.layer({ controlPlane: url, dataFolder: data, origin }))
  stops.push(() => runtime.dispose())
  let isReady = false
  const use = <A>(what: (upgrade: Upgrade["Service"]) => Effect.Effect<A>) =>
    runtime.runPromise(Effect.flatMap(Upgrade, what))
  runtime.runFork(
    Effect.flatMap(Upgrade, ({ ready }) =>
      Effect.andThen(
        ready,
        Effect.sync(() => (isReady = true)),
      ),
    ),
  )
  return {
    consider: (desired: typeof wanted | null) => use((upgrade) => upgrade.consider(desired)),
    confirm: () => use((upgrade) => upgrade.confirm),
    ready: () => until("the new version", () => (isReady ? true : undefined)),
    isReady: () => isReady,
  }
}
const files = () => versionFiles(data)

describe("an upgrade", () => {
  it("fetches the version that is wanted, and lets it be tried next", async () => {
    const upgrade = start()
    await upgrade.consider(wanted)
    await upgrade.ready()
    expect(asked).toEqual([`/install/agent/${wanted.sha256}.mjs`])
    expect(files().state()).toMatchObject({
      next: { sha256: wanted.sha256, attempts: 0 },
      whole: [wanted.sha256],
    })
  })

  it("asks once, however often the platform says it", async () => {
    const upgrade = start()
    for (let time = 0; time < 5; time++) await upgrade.consider(wanted)
    await upgrade.ready()
    expect(asked).toHaveLength(1)
  })

  it("does nothing when what runs is right", async () => {
    const upgrade = start()
    await upgrade.consider(null)
    await upgrade.consider({ version: "1.0.0", sha256: running })
    expect(asked).toEqual([])
  })

  it.each<AgentOrigin>(["nixos", "development"])("does nothing on a machine of origin %s", async (origin) => {
    const upgrade = start(origin)
    await upgrade.consider(wanted)
    await upgrade.confirm()
    expect(asked).toEqual([])
    expect(existsSync(join(data, "agent"))).toBe(false)
  })

  it("does not fetch a version again that has failed here", async () => {
    files().keep(wanted.sha256, bundle)
    files().setNext(wanted.sha256)
    files().reject("it does not work")
    const upgrade = start()
    await upgrade.consider(wanted)
    expect(asked).toEqual([])
    expect(files().state()).toMatchObject({ next: null, failed: [wanted.sha256] })
  })

  it("takes nothing with another hash, and asks again", async () => {
    answer = (_, response) => response.end(asked.length === 1 ? "something else" : bundle)
    const upgrade = start()
    await upgrade.consider(wanted)
    await upgrade.ready()
    expect(asked).toHaveLength(2)
    expect(files().state().whole).toEqual([wanted.sha256])
  })

  it("asks again after an answer that is none, or that breaks off", async () => {
    answer = (_, response) => {
      if (asked.length === 1) response.writeHead(500).end()
      else if (asked.length === 2) {
        response.writeHead(200, { "content-length": "1000" }).write("begin")
        setTimeout(() => response.destroy(), 20)
      } else response.end(bundle)
    }
    const upgrade = start()
    await upgrade.consider(wanted)
    await upgrade.ready()
    expect(asked).toHaveLength(3)
  })

  it("gives up on what never ends, before it fills the memory", async () => {
    let sent = 0
    answer = (_, response) => {
      if (asked.length > 1) return response.end(bundle)
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(2 ** 16))) sent += 2 ** 16
      }
      response.on("drain", more)
      more()
    }
    const upgrade = start()
    await upgrade.consider(wanted)
    await upgrade.ready()
    expect(sent).toBeLessThan(64 * 2 ** 20)
  })

  it("stops fetching when the platform has changed its mind", async () => {
    answer = () => undefined
    const upgrade = start()
    await upgrade.consider(wanted)
    await until("the question", () => (asked.length === 1 ? true : undefined))
    const closed = new Promise((resolve) => server.once("connection", resolve))
    await upgrade.consider(null)
    answer = (_, response) => response.end(bundle)
    await upgrade.consider(wanted)
    await closed
    await upgrade.ready()
    expect(asked).toHaveLength(2)
  })

  it("confirms the version that runs", async () => {
    await start().confirm()
    expect(files().confirmed()).toBe(running)
  })
})
