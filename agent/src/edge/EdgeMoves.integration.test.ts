import { readFileSync } from "node:fs"
import { Agent } from "node:http"
import { join } from "node:path"
import type { DesiredPlacement } from "@skypanel/contract/AgentProtocol"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import {
  type Asking,
  application,
  askPort,
  deploymentId,
  freePort,
  organizationId,
  placementId,
  serviceId,
  temporaryFolder,
} from "../../test/edge.ts"
import { startEdge } from "../../test/fleet.ts"

const { folder, remove } = temporaryFolder()
let port = 0
let edge: Awaited<ReturnType<typeof startEdge>>
let one: Awaited<ReturnType<typeof application>>
let two: Awaited<ReturnType<typeof application>>

const ask = (host: string, options: Asking = {}) => askPort(port, host, options)

const placement = (n: number): DesiredPlacement => ({
  placementId: placementId(n),
  deploymentId: deploymentId(0),
  serviceId: serviceId(0),
  organizationId: organizationId(0),
  port: n,
  healthPath: null,
  leaseSeconds: null,
})
const listener =
  (name: string): Parameters<typeof application>[0] =>
  (_, response) =>
    void response.end(name)

beforeAll(async () => {
  port = await freePort()
  one = await application(listener("one"))
  two = await application(listener("two"))
  edge = await startEdge(folder, port)
})
afterAll(async () => {
  await edge.stop()
  await one.close()
  await two.close()
  remove()
})

describe("moving traffic", () => {
  it("loses no request while traffic moves twenty times, and moves at once", async () => {
    const names = ["one", "two"] as const
    const agent = new Agent({ keepAlive: true, maxSockets: 16 })
    /** The turn that is complete, and the one that has begun. */
    let [moved, moving] = [0, 0]
    let done = false
    let requests = 0
    const failures: Array<unknown> = []
    await edge.route({ "a.localhost": one.port })
    const load = async (kept: boolean) => {
      while (!done) {
        const [before, answer] = [moved, await ask("a.localhost", kept ? { agent } : {}).catch(String)]
        requests += 1
        const isRight = typeof answer === "object" && answer.status === 200
        // An answer is of the release that was live when the request began, or of one that came meanwhile.
        const isTimely = moving > before || (typeof answer === "object" && answer.text === names[before % 2])
        if (!isRight || !isTimely) failures.push(answer)
      }
    }
    const clients = [...Array(8).keys()].map((n) => load(n % 2 === 0))
    const took: Array<number> = []
    for (let turn = 1; turn <= 20; turn++) {
      const next = names[turn % 2]!
      const began = performance.now()
      moving = turn
      await edge.route({ "a.localhost": (next === "one" ? one : two).port })
      took.push(performance.now() - began)
      moved = turn
      expect((await ask("a.localhost")).text).toBe(next)
    }
    done = true
    await Promise.all(clients)
    agent.destroy()
    expect(failures).toEqual([])
    expect(requests).toBeGreaterThan(200)
    expect(took.toSorted((a, b) => a - b)[10]).toBeLessThan(500)
  })

  it("says of an instance that it is led to only when the proxy has it", async () => {
    const late = await application(listener("late"))
    const proxy = Number(readFileSync(join(folder, "edge/haproxy.pid"), "utf8"))
    await edge.route({ "a.localhost": one.port })
    await edge.place([placement(one.port), placement(late.port)])
    expect(edge.knows(placementId(one.port))).toBe(true)
    process.kill(proxy, "SIGSTOP")
    const routed = edge.route({ "a.localhost": late.port })
    expect(edge.knows(placementId(late.port))).toBe(false)
    process.kill(proxy, "SIGCONT")
    await routed
    expect(edge.knows(placementId(late.port))).toBe(true)
    expect((await ask("a.localhost")).text).toBe("late")
    // One that is leaving is not led to any more, and is as healthy as it was.
    await edge.route({ "a.localhost": one.port })
    expect(edge.knows(placementId(late.port))).toBe(false)
    await edge.place([placement(one.port)])
    expect(edge.knows(placementId(late.port))).toBe(true)
    await late.close()
  })

  it("is back soon after it was killed, with the routes it had", async () => {
    await edge.route({ "a.localhost": two.port })
    process.kill(Number(readFileSync(join(folder, "edge/haproxy.pid"), "utf8")), "SIGKILL")
    const killed = performance.now()
    while ((await ask("a.localhost").catch(() => null))?.text !== "two")
      if (performance.now() - killed > 5_000) throw new Error("it does not come back")
    expect(performance.now() - killed).toBeLessThan(3_000)
    await edge.route({ "a.localhost": one.port })
    expect((await ask("a.localhost")).text).toBe("one")
  })

  it("takes over from the one that an agent left behind, and no connection is refused meanwhile", async () => {
    const away = temporaryFolder()
    const [mine, myPort] = [port, await freePort()]
    const first = await startEdge(away.folder, myPort, { development: false })
    port = myPort
    try {
      await first.route({ "a.localhost": one.port })
      await first.stop()
      expect((await ask("a.localhost")).text).toBe("one")
      const failures: Array<unknown> = []
      let done = false
      const load = (async () => {
        while (!done) {
          const answer = await ask("a.localhost").catch(String)
          if (typeof answer === "string" || answer.status !== 200) failures.push(answer)
        }
      })()
      const second = await startEdge(away.folder, myPort)
      await second.route({ "a.localhost": two.port })
      expect((await ask("a.localhost")).text).toBe("two")
      done = true
      await load
      await second.stop()
      expect(failures).toEqual([])
      await expect(ask("a.localhost")).rejects.toThrow(/ECONN/)
    } finally {
      port = mine
      away.remove()
    }
  })

  it("keeps the routes of the agent before, until it knows its containers", async () => {
    const away = temporaryFolder()
    const myPort = await freePort()
    const first = await startEdge(away.folder, myPort, { development: false })
    await first.route({ "a.localhost": one.port })
    await first.stop()
    let isSettled = false
    const second = await startEdge(away.folder, myPort, { isSettled: () => isSettled })
    try {
      const routed = second.route({ "a.localhost": "waiting" })
      const deadline = performance.now() + 1_500
      while (performance.now() < deadline) expect((await askPort(myPort, "a.localhost")).text).toBe("one")
      isSettled = true
      second.tell()
      await routed
      expect((await askPort(myPort, "a.localhost")).status).toBe(503)
    } finally {
      await second.stop()
      away.remove()
    }
  })
})
