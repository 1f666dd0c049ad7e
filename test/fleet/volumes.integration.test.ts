import { beforeAll, describe, expect, it } from "vitest"
import { counter, type FleetWorker, inFleet, useFleet } from "../lab/fleet.ts"
import { until } from "../lab/until.ts"

// Services with data: a second copy beside the first would be a second truth.

const fleet = useFleet()
const { service, deploy, homesOf, isIn, isAnswering } = inFleet(fleet)

const volume = (whenWorkerIsLost: "wait" | "start-empty") => ({
  volume: { path: "/data", sizeBytes: 64 * 2 ** 20, whenWorkerIsLost },
})
const other = (home: FleetWorker) => fleet().workers.find((worker) => worker !== home)!

/** The newest container of a service on a worker, also one that has ended. */
const containerOn = async ({ machine }: FleetWorker, id: string) => {
  const [newest] = await machine.docker.listContainers({
    all: true,
    filters: { label: [`skypanel.service=${id}`] },
  })
  return newest === undefined ? null : machine.docker.getContainer(newest.Id).inspect()
}

beforeAll(async () => {
  await deploy("patient", { source: counter, ...volume("wait") })
  await deploy("hasty", { source: counter, ...volume("start-empty") })
}, 300_000)

describe("a service that waits for its data", () => {
  it("is nowhere else while its worker has no power, and goes on with its data afterwards", async () => {
    const [home] = await homesOf("patient")
    expect((await home!.ask("patient-acme.localhost")).text).toBe("1")
    await home!.powerOff()
    await isIn(home!, "suspect")
    await until("it to be known as down", async () =>
      (await service("patient")).state === "degraded" ? true : null,
    )
    expect((await service("patient")).instances.map(({ worker }: { worker: string }) => worker)).toEqual([
      home!.name,
    ])
    expect((await other(home!).ask("patient-acme.localhost")).status).toBe(503)
    await home!.powerOn()
    await isIn(home!, "active")
    await isAnswering(other(home!), "patient")
    expect((await other(home!).ask("patient-acme.localhost")).text).toBe("2")
  }, 180_000)
})

describe("a service that may start without its data", () => {
  it("is started elsewhere only after its cut-off worker has stopped the old copy by itself", async () => {
    const { id } = await service("hasty")
    const [home] = await homesOf("hasty")
    await home!.cut()
    await isIn(home!, "suspect")
    const second = await until(
      "it to be elsewhere",
      async () => {
        const [now] = await homesOf("hasty")
        return now === undefined || now === home ? null : now
      },
      120,
    )
    const [before, after] = [await containerOn(home!, id), await containerOn(second, id)]
    expect(before!.State.Running).toBe(false)
    expect(Date.parse(before!.State.FinishedAt)).toBeLessThan(Date.parse(after!.State.StartedAt))
    await isAnswering(second, "hasty")
    expect((await second.ask("hasty-acme.localhost")).text).toBe("1")
    await home!.mend()
    await isIn(home!, "active")
    expect(await homesOf("hasty")).toEqual([second])
    expect((await containerOn(home!, id))?.State.Running ?? false).toBe(false)
    await isAnswering(home!, "hasty")
    expect((await home!.ask("hasty-acme.localhost")).text).toBe("1")
  }, 240_000)
})
