import { execFile } from "node:child_process"
import { mkdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { NodeServices } from "@effect/platform-node"
import { Effect } from "effect"
import { beforeAll, describe, expect, it, onTestFinished } from "vitest"
import { caller, inFleet, useFleet } from "../lab/fleet.ts"
import { until } from "../lab/until.ts"

// The cluster itself is damaged, or a worker of it is short of what it needs.

const fleet = useFleet(2)
const { view, deploy, homesOf, isIn, starts, isAnswering } = inFleet(fleet)
const run = promisify(execFile)
const inLab = <A, E>(effect: Effect.Effect<A, E, NodeServices.NodeServices>) =>
  Effect.runPromise(Effect.provide(effect, NodeServices.layer))

const seconds = (count: number) => new Promise((resolve) => setTimeout(resolve, count * 1000))

beforeAll(async () => {
  await deploy("web")
  await deploy("caller", { source: caller, replicas: 2 })
  for (const worker of fleet().workers) await isAnswering(worker, "caller")
}, 300_000)

/** Each instance of `caller` has reached `web` by its name, also those on other workers. */
const findEachOther = async () => {
  const said = new Set<string>()
  await until("every instance to find the other service", async () => {
    const { text } = await fleet().workers[0]!.ask("caller-acme.localhost", "/web:8080")
    if (/^[0-9a-f]{12} [0-9a-f]{12}$/.test(text)) said.add(text.split(" ")[0]!)
    return said.size === 2 ? true : null
  })
}

describe("services of one organization", () => {
  it("find each other by name, also after a worker was cut off for 20 seconds", async () => {
    await findEachOther()
    const [home] = await homesOf("web")
    await home!.cut()
    await seconds(20)
    await home!.mend()
    await isIn(home!, "active")
    await until("two instances", async () => ((await homesOf("caller")).length === 2 ? true : null))
    await findEachOther()
  }, 180_000)
})

describe("a worker's ports of the cluster", () => {
  it("are for the manager and every worker, and nobody else, by their own word to the platform", async () => {
    const { manager, workers } = fleet()
    for (const { machine } of workers)
      await until("everybody to be let in, and then nobody", async () => {
        const [command, args] = machine.inside(
          "iptables",
          "-w",
          "5",
          "-t",
          "mangle",
          "-S",
          "SKYPANEL-CLUSTER",
        )
        const { stdout } = await run(command, args).catch(() => ({ stdout: "" }))
        const lines = stdout.trim().split("\n")
        const expected = [manager, ...workers.map((one) => one.machine)].map(
          ({ address }) => `-A SKYPANEL-CLUSTER -s ${address}/32 -j RETURN`,
        )
        return expected.every((line) => lines.includes(line)) &&
          lines.at(-1) === "-A SKYPANEL-CLUSTER -j DROP"
          ? true
          : null
      })
  })
})

describe("a worker whose disk is full", () => {
  it("takes nothing new, keeps what it has, and is well again by itself", async () => {
    const folder = join(fleet().lab.directory, "small")
    const image = `${folder}.img`
    mkdirSync(folder)
    await run("truncate", ["--size", "2600M", image])
    await run("mkfs.ext4", ["-q", "-m", "0", image])
    await run("mount", ["-o", "loop", image, folder])
    const full = await fleet().addWorker({ SKYPANEL_DATA: folder })
    onTestFinished(async () => {
      await full.end()
      await run("umount", ["--lazy", folder])
    })
    await isIn(full, "active")
    const before = await starts()
    await run("fallocate", ["--length", "700M", join(folder, "filler")])
    const { reason, takesNew } = await isIn(full, "degraded")
    expect(reason).toMatch(/^Only .* of disk are left/)
    expect(takesNew).toBe(false)
    // To the last byte: the agent cannot write any more, and goes on.
    await run("dd", ["if=/dev/zero", `of=${join(folder, "rest")}`, "bs=16M"]).catch(() => undefined)
    const { lastHeartbeatAt } = await view(full.name)
    await until("another heartbeat", async () =>
      (await view(full.name)).lastHeartbeatAt > lastHeartbeatAt ? true : null,
    )
    expect((await view(full.name)).state).toBe("degraded")
    for (const name of ["filler", "rest"]) rmSync(join(folder, name))
    await isIn(full, "active")
    expect(await starts()).toEqual(before)
  }, 240_000)
})

describe("a manager that lost its data", () => {
  it("is made anew from what the platform knows, and everything runs again", async () => {
    const { manager, workers, lab } = fleet()
    await inLab(manager.stop)
    rmSync(join(lab.directory, "w1", "data", "swarm"), { recursive: true })
    await inLab(manager.start)
    await until(
      "the workers to be members of the new cluster",
      async () => {
        const nodes = (await manager.docker.listNodes()) as ReadonlyArray<{ Status: { State: string } }>
        return nodes.filter(({ Status }) => Status.State === "ready").length >= 3 ? true : null
      },
      120,
    )
    for (const worker of workers.slice(0, 2)) {
      await isIn(worker, "active", 120)
      await isAnswering(worker, "web", 120)
      await isAnswering(worker, "caller", 120)
    }
    await findEachOther()
  }, 300_000)
})
