import { describe, expect, it } from "vitest"
import { inFleet, startVisitor, useFleet } from "../lab/fleet.ts"
import { until } from "../lab/until.ts"

const fleet = useFleet()
const { service, deploy, homesOf, isIn, containersOf } = inFleet(fleet)

/** A worker that it is not on. */
const elsewhere = (home: { name: string }) => fleet().workers.find(({ name }) => name !== home.name)!

describe("a worker that loses its power", () => {
  it("has its service running elsewhere within seconds, and back it has nothing left of it", async () => {
    await deploy("web")
    const { id } = await service("web")
    const home = (await homesOf("web"))[0]!
    const witness = elsewhere(home)
    const visitor = startVisitor(witness.proxy, "web-acme.localhost", 50)
    await until("an answer", async () =>
      (await witness.ask("web-acme.localhost")).status === 200 ? true : null,
    )
    await home.powerOff()
    await isIn(home, "suspect")
    await until("an answer", async () =>
      (await witness.ask("web-acme.localhost")).status === 200 ? true : null,
    )
    const visits = await visitor.stop()
    expect(visits.longestGapMs).toBeLessThan(15_000)
    console.log(visits)
    const second = (await homesOf("web"))[0]!
    expect(second.name).not.toBe(home.name)
    await home.powerOn()
    await isIn(home, "active")
    await until("its old container to be gone", async () =>
      (await containersOf(home, id)).length === 0 ? true : null,
    )
    expect((await homesOf("web")).map(({ name }) => name)).toEqual([second.name])
  }, 240_000)
})
