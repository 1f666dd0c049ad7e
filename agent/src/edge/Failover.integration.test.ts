import { Agent } from "node:http"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Asking, application, askPort, freePort, temporaryFolder } from "../../test/edge.ts"
import { startEdge, type TestEdge } from "../../test/fleet.ts"
import { startLoad } from "../../test/load.ts"
import { startInstance } from "../../test/program.ts"

const { folder, remove } = temporaryFolder()
const host = "a.localhost"
let edge: TestEdge
let one: Awaited<ReturnType<typeof startInstance>>
let two: Awaited<ReturnType<typeof startInstance>>

const ask = (options: Asking = {}) => askPort(edge.port, host, options)
const isInstance = ({ status, text }: { status: number; text: string }) =>
  status === 200 && (text === "one" || text === "two")

/** Takes every request, and ends the connection without an answer. */
const dropper = async () => {
  let taken = 0
  const app = await application((request) => {
    taken += 1
    request.socket.destroy()
  })
  return { ...app, taken: () => taken }
}

beforeAll(async () => {
  ;[one, two] = await Promise.all([startInstance("one"), startInstance("two")])
  edge = await startEdge(folder, await freePort())
})
afterAll(async () => {
  await edge.stop()
  await Promise.all([one.kill(), two.kill()])
  remove()
})

describe("several instances", () => {
  it("each get the same share of the requests", async () => {
    const counts = [0, 0, 0]
    const apps = await Promise.all(
      counts.map((_, n) =>
        application((_, response) => {
          counts[n]! += 1
          response.end()
        }),
      ),
    )
    await edge.route({ [host]: { here: apps.map(({ port }) => port) } })
    for (let n = 0; n < 900; n++) await ask()
    for (const app of apps) await app.close()
    // Six standard deviations from the mean.
    for (const count of counts) expect(Math.abs(count - 300)).toBeLessThan(85)
  })

  it("hide that one of them was killed: no GET fails, before the edge is told and after", async () => {
    await edge.route({ [host]: { here: [one.port, two.port] } })
    const load = startLoad(edge.port, host, isInstance)
    const until = async (count: number) => {
      const from = load.requests()
      while (load.requests() < from + count) await new Promise((resolve) => setTimeout(resolve, 5))
    }
    await until(200)
    expect(load.answers.size).toBe(2)
    await one.kill()
    await until(500)
    await edge.route({ [host]: { here: [two.port] } })
    await until(200)
    expect(await load.stop()).toEqual([])
  })

  it("get a POST of the one that refuses the connection", async () => {
    await edge.route({ [host]: { here: [await freePort(), await freePort(), two.port] } })
    for (const length of [0, 100, 40_000, 2_000_000])
      for (let n = 0; n < 10; n++)
        expect(await ask({ method: "POST", body: Buffer.alloc(length) })).toMatchObject({
          status: 200,
          text: "two",
        })
  })

  it("get a GET that another one took and did not answer", async () => {
    const drops = await dropper()
    await edge.route({ [host]: { here: [drops.port, two.port] } })
    for (let n = 0; n < 40; n++) expect((await ask()).text).toBe("two")
    expect(drops.taken()).toBeGreaterThan(5)
    await drops.close()
  })

  it("get each POST by a connection of its own: one that was kept could be dead", async () => {
    const used = new WeakSet<object>()
    const app = await application(({ socket }, response) => {
      if (used.has(socket)) return void socket.destroy()
      used.add(socket)
      response.end("two")
    })
    await edge.route({ [host]: { here: [app.port] } })
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    for (let n = 0; n < 20; n++) expect((await ask({ method: "POST", body: "once", agent })).text).toBe("two")
    agent.destroy()
    await app.close()
  })

  it("never get a POST that another one took", async () => {
    const drops = [await dropper(), await dropper()]
    await edge.route({ [host]: { here: drops.map(({ port }) => port) } })
    for (let n = 0; n < 10; n++)
      expect(await ask({ method: "POST", body: "once" })).toMatchObject({
        status: 502,
        headers: { "x-skypanel-edge": "failed" },
      })
    expect(drops[0]!.taken() + drops[1]!.taken()).toBe(10)
    for (const drop of drops) await drop.close()
  })

  it("are tried three times in all, and then there is a page", async () => {
    const drops = await dropper()
    await edge.route({ [host]: { here: [drops.port] } })
    const failed = { status: 503, headers: { "x-skypanel-edge": "failed" } }
    expect(await ask()).toMatchObject(failed)
    expect(drops.taken()).toBe(3)
    await drops.close()
    await edge.route({ [host]: { here: [await freePort(), await freePort()] } })
    const began = performance.now()
    expect(await ask()).toMatchObject(failed)
    expect(await ask({ method: "POST", body: "once" })).toMatchObject(failed)
    expect(performance.now() - began).toBeLessThan(1_000)
  })
})
