import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { application, askPort, freePort, temporaryFolder } from "../../test/edge.ts"
import { startEdge, type TestEdge } from "../../test/fleet.ts"
import { startLoad } from "../../test/load.ts"

const { folder, remove } = temporaryFolder()
const hosts = ["a.localhost", "b.localhost"] as const
const each = 6
/** Instances of each host; they answer with the host. */
let instances: Readonly<Record<string, ReadonlyArray<Awaited<ReturnType<typeof application>>>>> = {}
let edge: TestEdge

const ports = (host: string, numbers: ReadonlyArray<number>) => ({
  here: numbers.map((n) => instances[host]![n]!.port),
})

beforeAll(async () => {
  const started = hosts.map(async (host) => {
    const apps = Array.from({ length: each }, () => application((_, response) => void response.end(host)))
    return [host, await Promise.all(apps)] as const
  })
  instances = Object.fromEntries(await Promise.all(started))
  edge = await startEdge(folder, await freePort())
})
afterAll(async () => {
  await edge.stop()
  await Promise.all(
    Object.values(instances)
      .flat()
      .map(({ close }) => close()),
  )
  remove()
})

describe("hundreds of changes while requests come in", () => {
  it("never lead a request to another host's instance, nor to none", async () => {
    const numbers = fc.uniqueArray(fc.integer({ min: 0, max: each - 1 }), { minLength: 1 })
    const changes = fc.sample(fc.tuple(numbers, numbers, fc.boolean()), { numRuns: 400, seed: 3 })
    await edge.route(Object.fromEntries(hosts.map((host) => [host, ports(host, [0])])))
    const loads = hosts.map((host) =>
      startLoad(edge.port, host, ({ status, text }) => status === 200 && text === host),
    )
    for (const [ofA, ofB, swapped] of changes) {
      const leads = [
        [hosts[0], ports(hosts[0], ofA)],
        [hosts[1], ports(hosts[1], ofB)],
      ] as const
      // The other way round, each host has the number that the other one had: sets must not be mixed up.
      await edge.route(Object.fromEntries(swapped ? leads.toReversed() : leads))
    }
    for (const load of loads) {
      expect(await load.stop()).toEqual([])
      expect(load.requests()).toBeGreaterThan(500)
    }
  }, 120_000)

  it("change all of 20,000 hosts in reasonable time", async () => {
    const all = (host: string) =>
      Object.fromEntries(
        Array.from({ length: 20_000 }, (_, n) => [`n${n}.localhost`, ports(host, [n % each])]),
      )
    await edge.route({ ...all(hosts[0]), [hosts[0]]: ports(hosts[0], [0]) })
    const load = startLoad(edge.port, hosts[0], ({ status, text }) => status === 200 && text === hosts[0])
    const began = performance.now()
    await edge.route({ ...all(hosts[1]), [hosts[0]]: ports(hosts[0], [0]) })
    const tookMs = performance.now() - began
    expect((await askPort(edge.port, "n19999.localhost")).text).toBe(hosts[1])
    expect(await load.stop()).toEqual([])
    expect(tookMs).toBeLessThan(5_000)
  }, 60_000)
})
