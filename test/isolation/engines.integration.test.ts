import { execFileSync } from "node:child_process"
import { readFileSync, statSync } from "node:fs"
import { release } from "node:os"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { firstRemappedId } from "../../dev/engine-isolation.ts"
import { until } from "../lab/until.ts"
import { beyond, endpointPort, type Fleet, type Member, publicOf, startFleet } from "./fleet.ts"
import { gatewayOf, ownWorkerProbes } from "./matrix.ts"
import { addNetwork, hostOf, serviceId, servicePort } from "./place.ts"
import { setuidCat } from "./probeImage.ts"
import { inContainer, tcp, tryAll, tryEach, wrong } from "./probes.ts"
import { run } from "./run.ts"

/** Why gVisor cannot run on this machine; null when it can. */
const whyNoGvisor = (): string | null => {
  try {
    execFileSync("runsc", ["--platform=ptrace", "--network=none", "--ignore-cgroups", "do", "/bin/true"], {
      stdio: "pipe",
      timeout: 30_000,
    })
    return null
  } catch (error) {
    return (error as Error).message.slice(0, 300)
  }
}
const noGvisor = whyNoGvisor()

let fleet: Fleet
const subject = (index: number) => ({
  n: 10 + index,
  organization: 1,
  name: `subject-${index}`,
  volume: `${fleet.members[index]?.worker.dataFolder}/volumes/${serviceId(10 + index)}`,
})
const neighbour = (index: number) => ({ n: 20 + index, organization: 2, name: `neighbour-${index}` })
const inside = async (index: number, script: string) => {
  const member = fleet.members[index]!
  return inContainer(member.worker, await member.container(subject(index)), script)
}

/** Gives it its volume, places it as the platform does, and waits until its worker's agent finds it healthy. */
const bring = async (index: number) => {
  const member = fleet.members[index]!
  member.tell({
    volumes: [{ serviceId: serviceId(10 + index), sizeBytes: 32 * 2 ** 20 }],
    fleetAddresses: [beyond.controlPlane],
  })
  await member.said("the volume", ({ volumes }) => volumes.length === 1)
  await member.place(fleet.founder, subject(index), neighbour(index))
}

const answer = ({ worker }: Member, host: string) =>
  until("an answer", async () => {
    const url = `http://${worker.address}:${endpointPort}/`
    return run("curl", ["--silent", "--fail", "--max-time", "5", "--header", `Host: ${host}`, url])
  })

const expectKeptApart = async (index: number, tryThem: typeof tryAll) => {
  const member = fleet.members[index]!
  const other = await member.addresses(neighbour(index))
  const probes = [
    ...ownWorkerProbes({ ownGateway: await gatewayOf(member) }),
    tcp("its neighbour on the bridge", other.bridge, servicePort),
    tcp("its neighbour in another network", other.overlay, servicePort),
    tcp("the metadata service", beyond.metadata[0], 80),
    tcp("the control plane", beyond.controlPlane, 5432),
    tcp("the control plane, as every visitor", beyond.controlPlane, 443, true),
    tcp("its worker's proxy, as every visitor", publicOf(member.worker), endpointPort, true),
    tcp("the Internet", beyond.internet, 80, true),
  ]
  const outcomes = await tryThem(member.worker, await member.container(subject(index)), probes)
  expect(wrong(outcomes)).toEqual([])
}

beforeAll(async () => {
  fleet = await startFleet([{ userNamespaces: true }, ...(noGvisor === null ? [{ gvisor: true }] : [])])
  for (const organization of [1, 2]) await addNetwork(fleet.founder.docker, organization)
}, 60_000)
afterAll(() => fleet?.stop(), 60_000)

describe("a service on an engine that maps users", () => {
  it("is healthy, and answers through its worker's proxy", async () => {
    await bring(0)
    expect(await answer(fleet.members[0]!, hostOf(subject(0)))).toBe("subject-0\n")
  }, 60_000)

  it("has a root that is nobody outside", async () => {
    expect((await inside(0, "cat /proc/self/uid_map")).trim().split(/\s+/)).toEqual([
      "0",
      String(firstRemappedId),
      "65536",
    ])
    const member = fleet.members[0]!
    const { State } = await member.worker.docker.getContainer(await member.container(subject(0))).inspect()
    const status = readFileSync(`/proc/${State.Pid}/status`, "utf8")
    expect(status).toMatch(new RegExp(`^Uid:\\s+${firstRemappedId + 65_534}\\s`, "m"))
    expect(status).toMatch(/^CapEff:\s+0+$/m)
  })

  it("does not become root by a setuid program of its image", async () =>
    expect(await inside(0, `${setuidCat} /proc/self/status`)).toMatch(/^Uid:(?:\s+65534){4}$/m))

  it("writes its volume as the user that it is", async () => {
    await inside(0, "echo mine > /data/file")
    expect(statSync(`${subject(0).volume}/file`).uid).toBe(firstRemappedId + 65_534)
  })

  it("is kept apart as everywhere", () => expectKeptApart(0, tryAll), 30_000)
})

describe.skipIf(noGvisor !== null)(
  `a service in gVisor${noGvisor === null ? "" : ` (not here: ${noGvisor})`}`,
  () => {
    it("is healthy, and answers through its worker's proxy", async () => {
      await bring(1)
      expect(await answer(fleet.members[1]!, hostOf(subject(1)))).toBe("subject-1\n")
    }, 90_000)

    it("sees gVisor's kernel and not the machine's, within the limits of its container", async () => {
      const seen = (await inside(1, "uname -r")).trim()
      expect(seen).toBe("4.4.0")
      expect(seen).not.toBe(release())
      expect(await inside(1, "id -u")).toBe("65534\n")
      expect(await inside(1, "echo x 2>&1 > /bin/x || echo refused")).toContain("refused")
    })

    it("writes its volume", async () => {
      await inside(1, "echo mine > /data/file")
      expect(readFileSync(`${subject(1).volume}/file`, "utf8")).toBe("mine\n")
    })

    it("is kept apart as everywhere", () => expectKeptApart(1, tryEach), 60_000)
  },
)
