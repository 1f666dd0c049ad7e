import { readFileSync, writeFileSync } from "node:fs"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { bootRulesFile } from "../../agent/src/firewall/bootRules.ts"
import { until } from "../lab/until.ts"
import { beyond, type Fleet, logOf, type Member, publicOf, runInLab, startFleet } from "./fleet.ts"
import {
  attacker,
  forge,
  gatewayOf,
  heardBy,
  mapOf,
  networks,
  ownWorkerProbes,
  probesOf,
  publishedPort,
  victim,
  watchful,
} from "./matrix.ts"
import { addNetwork, place, removeNetwork, serviceId } from "./place.ts"
import { inContainer, type Outcome, tryAll, wrong } from "./probes.ts"
import { run } from "./run.ts"
import { forgedFrame } from "./vxlan.ts"

let fleet: Fleet

const fleetAddresses = () => [
  beyond.controlPlane,
  ...fleet.members.flatMap(({ worker }) => [worker.address, publicOf(worker)]),
]
const clusterAddresses = () => fleet.members.map(({ worker }) => worker.address)
const each = <A>(look: (member: Member, index: number) => Promise<A>) => Promise.all(fleet.members.map(look))
const probeAll = async (): Promise<ReadonlyArray<Outcome>> =>
  (
    await each(async (member, index) =>
      tryAll(
        member.worker,
        await member.container(attacker(index)),
        probesOf(fleet, await mapOf(fleet, member)),
      ),
    )
  ).flat()
const printed = (member: Member) => member.run("iptables", "-t", "mangle", "-S")
/** Sends what it has to say to everybody of its network, for as long as it lives, and a while longer. */
const speaking = `
trap '' TERM
own=$(ip -4 addr show dev eth0 | sed -n 's/.*inet \\([0-9]*\\.[0-9]*\\.[0-9]*\\)\\..*/\\1/p')
(while true; do for i in 2 3 4 5 6; do echo spoken | socat -u - UDP4-SENDTO:$own.$i:9999; done; done) &
`
const forgedCount = async (member: Member) =>
  Number(
    /-c (\d+) \d+/.exec(
      await member
        .run("iptables", "-t", "mangle", "-S", "SKYPANEL-FORGED", "-v")
        .then((text) => text.split("\n")[1] ?? ""),
    )?.[1],
  )

beforeAll(async () => {
  fleet = await startFleet([{}, {}, {}])
  for (const organization of [1, 2]) await addNetwork(fleet.founder.docker, organization)
  await each(async (member, index) => {
    member.tell({ fleetAddresses: fleetAddresses(), clusterAddresses: clusterAddresses() })
    await member.place(
      fleet.founder,
      { ...attacker(index), also: watchful },
      { ...victim(index), ...(index === 0 ? { publishedPort } : {}) },
    )
  })
}, 120_000)

afterAll(() => fleet?.stop(), 60_000)

describe("a hostile container on each of three workers", () => {
  it("reaches its own organization, public addresses, and web ports of the fleet; and nothing else", async () => {
    const outcomes = await probeAll()
    expect(outcomes.length).toBeGreaterThan(3 * 60)
    expect(wrong(outcomes)).toEqual([])
  }, 90_000)

  it("gets no forged packet into another network, and is found out", async () => {
    const before = await each(forgedCount)
    const sent = await each(async (member, index) =>
      forge(
        fleet,
        member.worker,
        await member.container(attacker(index)),
        await mapOf(fleet, member),
        networks(4200),
      ),
    )
    expect(await each((member, index) => heardBy(member, victim(index)))).toEqual(["", "", ""])
    const dropped = (await each(forgedCount)).map((count, index) => count - (before[index] ?? 0))
    expect(dropped).toEqual(sent)
    await each(async (member) =>
      until("a warning", async () =>
        readFileSync(logOf(member.worker), "utf8").includes("forges packets of other networks") ? true : null,
      ),
    )
  }, 60_000)
})

describe("a machine that is none of the fleet, in the same network", () => {
  const stranger = (...command: ReadonlyArray<string>) =>
    run("nsenter", [`--net=/run/netns/${fleet.gateway.namespace}`, "--", ...command])
  const connects = (member: Member, port: number) =>
    stranger("socat", "-u", "/dev/null", `TCP4:${member.worker.address}:${port},connect-timeout=1.5`).then(
      () => true,
      () => false,
    )
  /** Sends a packet of every network to a victim, as if it were the victim's neighbour on another worker. */
  const forgeFrom = async (member: Member, victimOf: number, text: string) => {
    const { overlay } = await fleet.members[victimOf]!.addresses(victim(victimOf))
    const frames = networks(4200).map((network) => forgedFrame(network, overlay, text))
    const file = `${member.worker.dataFolder}.frames`
    writeFileSync(file, Buffer.concat(frames))
    const target = `UDP4-SENDTO:${member.worker.address}:4789`
    await stranger("socat", `-b${frames[0]?.length}`, "-u", `OPEN:${file}`, target)
  }

  it("reaches none of the cluster's ports, and gets no forged packet into any network", async () => {
    for (const [index, member] of fleet.members.entries()) {
      expect(await Promise.all([2377, 7946].map((port) => connects(member, port)))).toEqual([false, false])
      // Its other ports are the machine's own firewall's business.
      expect(await connects(member, 22)).toBe(true)
      await forgeFrom(member, index, "from a stranger")
    }
    expect(await each((member, index) => heardBy(member, victim(index)))).toEqual(["", "", ""])
  }, 60_000)

  it("is let in within seconds of its joining, and what it sends then comes through: the test before can fail", async () => {
    const [member] = fleet.members as [Member]
    member.tell({ clusterAddresses: [...clusterAddresses(), fleet.gateway.address] })
    await until("the port of gossip", async () => ((await connects(member, 7946)) ? true : null), 5)
    await until("the packet", async () => {
      await forgeFrom(member, 0, "from a member")
      return (await heardBy(member, victim(0))).includes("from a member") ? true : null
    })
    member.tell({ clusterAddresses: clusterAddresses() })
    await until("the port to be closed", async () => ((await connects(member, 7946)) ? null : true), 5)
    // What came through is nothing that the tests after this one may find.
    await inContainer(member.worker, await member.container(victim(0)), ": > /tmp/heard")
  }, 60_000)

  it("is kept out by an agent that starts while its platform is away, and members are not", async () => {
    const [member, other] = fleet.members as [Member, Member]
    await member.agent.end("SIGKILL")
    for (const program of ["iptables", "ip6tables"]) await member.run(program, "-t", "mangle", "-F")
    expect(await connects(member, 7946)).toBe(true)
    // It is connected, and nobody tells it anything: it has what it was told last.
    member.agent.start()
    await until("the port to be closed", async () => ((await connects(member, 7946)) ? null : true))
    await other.run("socat", "-u", "/dev/null", `TCP4:${member.worker.address}:7946,connect-timeout=1.5`)
    await member.agent.end("SIGKILL")
    await member.start()
  }, 60_000)
})

describe("rules that somebody takes away", () => {
  it("are back within 5 seconds, and the worker says meanwhile that it should get nothing new", async () => {
    const member = fleet.members[1]!
    const [before, from] = [await printed(member), member.count()]
    await member.run("iptables", "-t", "mangle", "-F")
    await member.run("iptables", "-t", "mangle", "-X")
    const began = performance.now()
    const told = await member.said(
      "a problem",
      ({ problems }) => problems.some(({ part }) => part === "firewall"),
      from,
    )
    expect(told.problems[0]?.text).toContain("missing: -N SKYPANEL-")
    expect(performance.now() - began).toBeLessThan(6_000)
    expect(await printed(member)).toBe(before)
    await member.whole(told, 5)
    const log = readFileSync(logOf(member.worker), "utf8")
    expect(log.match(/NOT kept apart: somebody changed the rules of iptables/g)).toHaveLength(1)
  })

  it("are the kernel's as well: what it hands to the packet filter of a bridge", async () => {
    const member = fleet.members[1]!
    const from = member.count()
    await member.run("sysctl", "-qw", "net.bridge.bridge-nf-call-iptables=0")
    const told = await member.said("a problem", ({ problems }) => problems.length > 0, from)
    expect(told.problems[0]?.text).toContain(
      "somebody switched off /proc/sys/net/bridge/bridge-nf-call-iptables",
    )
    await member.whole(told, 5)
    expect(await member.run("sysctl", "-n", "net.bridge.bridge-nf-call-iptables")).toBe("1\n")
  })
})

describe("a worker that starts", () => {
  /** Long enough for the container to have tried its worker several times since its start. */
  const leaked = async (member: Member, index: number) => {
    const container = await member.container(attacker(index))
    await inContainer(member.worker, container, "sleep 3")
    return inContainer(member.worker, container, "cat /tmp/leak 2>/dev/null || true")
  }
  const restarted = async (member: Member, index: number, before: string) => {
    await until(
      "a new container",
      async () => ((await member.container(attacker(index))) === before ? null : true),
      90,
    )
    expect(await leaked(member, index)).toBe("")
    const probes = ownWorkerProbes({ ownGateway: await gatewayOf(member) })
    expect(wrong(await tryAll(member.worker, await member.container(attacker(index)), probes))).toEqual([])
  }

  it("has kept its containers apart before the first of them does anything", async () => {
    const [engineOnly, machine] = [fleet.members[1]!, fleet.members[2]!]
    const before = await each((member, index) => member.container(attacker(index)))
    const cutEngine = async () => {
      await runInLab(engineOnly.worker.kill)
      await runInLab(engineOnly.worker.start)
      await restarted(engineOnly, 1, before[1]!)
    }
    /** A machine without power has no rules either; its init system loads those that the agent kept, then the engine. */
    const cutPower = async () => {
      await machine.agent.end("SIGKILL")
      await runInLab(machine.worker.kill)
      for (const program of ["iptables", "ip6tables"] as const) {
        await machine.run(program, "-t", "mangle", "-F")
        await machine.run(program, "-t", "mangle", "-X")
        await machine.run(
          `${program}-restore`,
          "--noflush",
          bootRulesFile(machine.worker.dataFolder, program),
        )
      }
      await runInLab(machine.worker.start)
      await restarted(machine, 2, before[2]!)
      await machine.start()
    }
    await Promise.all([cutEngine(), cutPower()])
  }, 150_000)

  it("keeps them apart on a bridge that was made anew in another network", async () => {
    const member = fleet.members[2]!
    const { docker } = member.worker
    // An engine that has just started may take longer over it than it waits itself.
    await until("it to leave", async () => {
      await docker.swarmLeave({ force: true }).catch((error: Error) => {
        if (!error.message.includes("not part of a swarm")) throw error
      })
      return true
    })
    const told = await member.said("that it is in no cluster", ({ problems }) =>
      problems.some(({ part }) => part === "engine"),
    )
    await until("the bridge to be free", async () => {
      await docker.getNetwork("docker_gwbridge").remove()
      return true
    })
    await docker.createNetwork({
      Name: "docker_gwbridge",
      IPAM: { Config: [{ Subnet: "172.31.77.0/24", Gateway: "172.31.77.1" }] },
      Options: {
        "com.docker.network.bridge.name": "docker_gwbridge",
        "com.docker.network.bridge.enable_icc": "false",
        "com.docker.network.bridge.enable_ip_masquerade": "true",
      },
    })
    await runInLab(member.worker.join)
    await member.whole(told)
    member.nodeId = await runInLab(member.worker.nodeId)
    const other = { ...attacker(2), n: 30, also: watchful }
    await member.place(fleet.founder, other)
    const container = await member.container(other)
    expect((await member.addresses(other)).bridge).toMatch(/^172\.31\.77\./)
    const probes = ownWorkerProbes({ ownGateway: await gatewayOf(member) })
    expect(probes[0]?.what).toContain("172.31.77.1:22")
    expect(wrong(await tryAll(member.worker, container, probes))).toEqual([])
    expect(await inContainer(member.worker, container, "cat /tmp/leak 2>/dev/null || true")).toBe("")
  }, 90_000)
})

describe("an organization's network", () => {
  /** As Swarm may do it by itself: the next network gets the number and the addresses of one that is gone. */
  const number = 4_500
  const subnet = "10.127.1.0/24"

  it("brings nothing of the one before it that had its number and addresses", async () => {
    const { docker } = fleet.founder
    const [first, second] = fleet.members as [Member, Member]
    const heard: Array<string> = []
    for (let n = 40; n < 46; n += 2) {
      const speaker = {
        n,
        organization: n,
        name: "speaker",
        nodeId: second.nodeId,
        also: speaking,
        graceSeconds: 5,
      }
      const listener = { n: n + 1, organization: n + 1, name: "listener", nodeId: first.nodeId }
      await addNetwork(docker, n, { number, subnet })
      const spoken = await place(docker, speaker)
      const container = await second.container(speaker)
      await spoken.remove()
      await until("the network to be free", async () => {
        await removeNetwork(docker, n)
        return true
      })
      // It still speaks: its last seconds are its own.
      expect((await second.worker.docker.getContainer(container).inspect()).State.Running).toBe(true)
      await addNetwork(docker, n + 1, { number, subnet })
      const listening = await place(docker, listener)
      heard.push(await inContainer(first.worker, await first.container(listener), "sleep 4; cat /tmp/heard"))
      await listening.remove()
      await until("the network to be free", async () => {
        await removeNetwork(docker, n + 1)
        return true
      })
    }
    expect(heard).toEqual(["", "", ""])
  }, 120_000)
})

describe("a service's volume", () => {
  it("is full for its own service only, and outlives its container", async () => {
    const [member] = fleet.members as [Member]
    const owner = {
      n: 50,
      organization: 2,
      name: "keeper",
      volume: `${member.worker.dataFolder}/volumes/${serviceId(50)}`,
    }
    member.tell({ volumes: [{ serviceId: serviceId(50), sizeBytes: 32 * 2 ** 20 }] })
    await member.said("the volume", ({ volumes }) => volumes.includes(serviceId(50)))
    const [service] = await member.place(fleet.founder, owner)
    const inside = async (script: string) => inContainer(member.worker, await member.container(owner), script)
    expect(await inside("dd if=/dev/zero of=/data/big bs=1M count=64 2>&1 || true")).toContain(
      "No space left",
    )
    await inside("rm /data/big; echo kept > /data/file; sync")
    await service?.remove()
    await until("its end", async () =>
      (await member.worker.docker.listContainers({ filters: { name: ["test-50"] } })).length === 0
        ? true
        : null,
    )
    const next = { ...owner, n: 51 }
    await member.place(fleet.founder, next)
    expect(await inContainer(member.worker, await member.container(next), "cat /data/file")).toBe("kept\n")
  }, 60_000)
})

describe("without the rules", () => {
  it("all of this is open: the tests above can fail", async () => {
    await each((member) => member.ended())
    expect(await printed(fleet.members[0]!)).not.toContain("SKYPANEL")
    const [member] = fleet.members as [Member]
    const container = await member.container(attacker(0))
    // The third worker is another one to the swarm since it joined anew.
    const map = await mapOf(fleet, member, 2)
    const open = (await tryAll(member.worker, container, probesOf(fleet, map)))
      .filter(({ allowed, succeeded }) => succeeded && !allowed)
      .map(({ what }) => what)
    for (const expected of [
      `its own worker (${map.ownGateway}:22)`,
      `w1 (${fleet.founder.address}:2377)`,
      ...fleet.members.flatMap(({ worker }) =>
        [22, 2375, 7946].map((port) => `${worker.id} (${worker.address}:${port})`),
      ),
      ...fleet.platform.ports.map((port) => `platform and database (${fleet.platform.address}:${port})`),
      `the control plane by its public address (${beyond.controlPlane}:5432)`,
      "the metadata service (169.254.169.254:80)",
      "the metadata service (100.100.100.200:80)",
      `a mail server (${beyond.internet}:25)`,
    ])
      expect(open).toContain(expected)
    await forge(fleet, member.worker, container, map, networks(4110))
    await until("the forged packet", async () =>
      (await heardBy(fleet.members[1]!, victim(1))).includes("forged on w1") ? true : null,
    )
  }, 60_000)
})
