import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process"
import { promisify } from "node:util"
import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { forgedFrame, forgedPort } from "../../../test/isolation/vxlan.ts"
import { defaultFloodLimits, type FloodLimits } from "./floodLimits.ts"
import { type Inside, makeKeeper, matchesOf } from "./PacketFilter.ts"
import { chains, type FirewallFacts, ruleSets } from "./rules.ts"

/*
 * Four machines in network namespaces: two containers on the bridge of a worker, and a machine beyond the worker that
 * has a private and two public addresses.
 */
const [worker, container, neighbour, beyond] = ["w", "c", "n", "b"].map(
  (name) => `skyfw${process.pid}${name}`,
) as [string, string, string, string]
const all = [worker, container, neighbour, beyond]
const listeners: Array<ChildProcess> = []
const run = promisify(execFile)
const ip = (...args: ReadonlyArray<string>) => execFileSync("ip", args, { stdio: "pipe" })
const inside =
  (namespace: string): Inside =>
  (program, args) => ["nsenter", [`--net=/run/netns/${namespace}`, "--", program, ...args]]
const within = (namespace: string, program: string, ...args: ReadonlyArray<string>) =>
  execFileSync(...inside(namespace)(program, args), { stdio: "pipe" }).toString()

const listen = (namespace: string, port: number) => {
  const [program, args] = inside(namespace)("socat", [`TCP-LISTEN:${port},fork,reuseaddr`, "PIPE"])
  listeners.push(spawn(program, args, { stdio: "ignore" }))
}

const mark = "m"
/** Sends the mark to a port of this namespace. */
const setMark = (namespace: string, address: string, port: number) =>
  within(namespace, "sh", "-c", `printf ${mark} | socat -u - UDP-SENDTO:${address}:${port}`)

/** Counts the datagrams that come to a port. */
const hear = (namespace: string, port: number) => {
  const [program, args] = inside(namespace)("socat", ["-u", `UDP-RECV:${port}`, "-"])
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "ignore"] })
  listeners.push(child)
  let heard = ""
  child.stdout.on("data", (chunk: Buffer) => {
    heard += chunk.toString("latin1")
  })
  return {
    count: () => heard.length,
    text: () => heard,
    /** The mark came: what was sent before it would have come before it. */
    isMarked: () => heard.endsWith(mark),
    stop: () => child.kill("SIGKILL"),
  }
}

/** Sends so many datagrams of one byte, as fast as it can. */
const flood = (namespace: string, address: string, port: number, count: number, from = "0.0.0.0") =>
  within(
    namespace,
    ...["sh", "-c", `head -c ${count} /dev/zero | socat -b1 -u - UDP-SENDTO:${address}:${port},bind=${from}`],
  )

/** `from`: which of the machine's own addresses it is seen by. */
const reaches = (namespace: string, address: string, port: number, from?: string) =>
  run(
    ...inside(namespace)("socat", [
      ...["-u", "/dev/null"],
      `TCP:${address}:${port},connect-timeout=1${from === undefined ? "" : `,bind=${from}`}`,
    ]),
  ).then(
    () => true,
    () => false,
  )

const until = async (what: string, look: () => Promise<boolean>) => {
  const deadline = performance.now() + 10_000
  while (!(await look())) {
    if (performance.now() > deadline) throw new Error(`waited for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const publicAddress = "93.184.216.34"
const fleetAddress = "93.184.216.35"
const ownAddress = "93.184.216.36"
const privateAddress = "10.99.0.2"

beforeAll(async () => {
  for (const name of all) {
    ip("netns", "add", name)
    ip("-n", name, "link", "set", "lo", "up")
  }
  const cable = (a: string, deviceA: string, b: string, deviceB: string) =>
    ip("link", "add", deviceA, "netns", a, "type", "veth", "peer", "name", deviceB, "netns", b)
  ip("-n", worker, "link", "add", "docker_gwbridge", "type", "bridge")
  ip("-n", worker, "addr", "add", "172.30.0.1/24", "dev", "docker_gwbridge")
  ip("-n", worker, "link", "set", "docker_gwbridge", "up")
  for (const [index, name] of [container, neighbour].entries()) {
    cable(worker, `port${index}`, name, "eth0")
    ip("-n", worker, "link", "set", `port${index}`, "master", "docker_gwbridge", "up")
    ip("-n", name, "addr", "add", `172.30.0.${index + 2}/24`, "dev", "eth0")
    ip("-n", name, "link", "set", "eth0", "up")
    ip("-n", name, "route", "add", "default", "via", "172.30.0.1")
  }
  cable(worker, "eth0", beyond, "eth0")
  ip("-n", worker, "addr", "add", "10.99.0.1/24", "dev", "eth0")
  ip("-n", worker, "link", "set", "eth0", "up")
  ip("-n", worker, "route", "add", "default", "via", privateAddress)
  ip("-n", beyond, "addr", "add", `${privateAddress}/24`, "dev", "eth0")
  for (const address of [publicAddress, fleetAddress])
    ip("-n", beyond, "addr", "add", `${address}/32`, "dev", "lo")
  ip("-n", worker, "addr", "add", `${ownAddress}/32`, "dev", "lo")
  ip("-n", beyond, "link", "set", "eth0", "up")
  ip("-n", beyond, "route", "add", "default", "via", "10.99.0.1")
  within(worker, "sysctl", "-qw", "net.ipv4.ip_forward=1")
  for (const port of [80, 2377, 7946]) listen(worker, port)
  listen(container, 3000)
  for (const port of [25, 80, 2377]) listen(beyond, port)
  await until("the listeners", async () => {
    const looks = [
      reaches(container, "172.30.0.1", 2377),
      reaches(container, privateAddress, 80),
      reaches(container, publicAddress, 80),
      reaches(container, publicAddress, 25),
      reaches(worker, "172.30.0.2", 3000),
    ]
    return (await Promise.all(looks)).every(Boolean)
  })
})

afterAll(() => {
  for (const listener of listeners) listener.kill("SIGKILL")
  for (const name of all) ip("netns", "delete", name)
})

/** A packet filter of the kernel's older kind is another program of the same kind. */
const kinds = [
  ["nf_tables", "-nft"],
  ["legacy", "-legacy"],
] as const

const facts = (more: Partial<FirewallFacts> = {}): FirewallFacts => ({
  nameservers: [],
  ownAddresses: [ownAddress],
  fleetAddresses: [],
  clusterAddresses: [],
  overlayPort: 4789,
  limits: defaultFloodLimits,
  matches: new Set(["hashlimit", "connlimit"]),
  ...more,
})

describe.each(kinds)("the packet filter (%s)", (_, suffix) => {
  const through: Inside = (program, args) =>
    inside(worker)(program.replace("tables", `tables${suffix}`), args)
  const iptables = (...args: ReadonlyArray<string>) => execFileSync(...through("iptables", args))
  const keepers = ruleSets(facts()).map(({ program }) => makeKeeper(program, through))
  let now = facts()
  const standing = () =>
    Effect.runPromise(Effect.forEach(ruleSets(now), (rules, index) => keepers[index]!.standing(rules)))
  const tags = async () => (await standing()).map(({ _tag }) => _tag)
  const putInForce = () =>
    Effect.runPromise(Effect.forEach(ruleSets(now), (rules, index) => keepers[index]!.putInForce(rules)))
  const remove = () =>
    Effect.runPromise(Effect.forEach(keepers, (keeper) => keeper.remove(), { discard: true }))
  const become = async (more: Partial<FirewallFacts>) => {
    now = facts(more)
    expect(await tags()).toContain("outdated")
    await putInForce()
  }

  const expectApart = async () => {
    const looks = [
      reaches(container, "172.30.0.1", 2377),
      reaches(container, "10.99.0.1", 2377),
      reaches(container, privateAddress, 80),
      reaches(container, publicAddress, 25),
      reaches(container, ownAddress, 2377),
      reaches(container, ownAddress, 80),
      reaches(container, publicAddress, 80),
      reaches(worker, "172.30.0.2", 3000),
    ]
    expect(await Promise.all(looks)).toEqual([false, false, false, false, false, true, true, true])
  }
  afterAll(remove)

  it("has every match of this machine's kernel", async () => {
    const matches = await Effect.runPromise(matchesOf("iptables", through))
    expect([...matches]).toEqual(["hashlimit", "connlimit"])
    expect(iptables("-t", "mangle", "-S").toString()).not.toContain("TRIAL")
  })

  it("does without a match that it refuses, and fails when it refuses everything", async () => {
    const refusing =
      (word: string): Inside =>
      (program, args) => {
        if (!program.endsWith("-restore")) return through(program, args)
        const [first, rest] = through(program, args)
        return [
          "sh",
          [
            "-c",
            `text=$(cat); case $text in *${word}*) exit 1;; esac; echo "$text" | "$0" "$@"`,
            first,
            ...rest,
          ],
        ]
      }
    const found = (word: string) => Effect.runPromise(matchesOf("iptables", refusing(word)))
    expect([...(await found("connlimit"))]).toEqual(["hashlimit"])
    await expect(found("TRIAL")).rejects.toThrow()
  })

  it("keeps a container from its worker and from private networks, and neither from public ones nor the worker from it", async () => {
    expect(await tags()).toEqual(["outdated", "outdated"])
    await putInForce()
    await expectApart()
  })

  it("changes nothing while all is well", async () => {
    expect(await tags()).toEqual(["in-force", "in-force"])
  })

  it.each([
    ["a chain was flushed", ["-F", "SKYPANEL-EGRESS"], "missing: -A SKYPANEL-EGRESS"],
    [
      "a jump was removed",
      ["-D", "INPUT", "-i", "docker_gwbridge", "-j", "SKYPANEL-INPUT"],
      "missing: -A INPUT",
    ],
    [
      "somebody's rule stands first",
      ["-I", "FORWARD", "1", "-j", "ACCEPT"],
      "not ours: -A FORWARD -j ACCEPT",
    ],
    ["everything was flushed", ["-F"], "missing: "],
  ])("is mended when %s", async (_, damage, words) => {
    iptables("-t", "mangle", ...damage)
    const [four, six] = await standing()
    expect(four).toMatchObject({ _tag: "damaged", what: expect.stringContaining(words) })
    expect(six).toEqual({ _tag: "in-force" })
    await putInForce()
    await expectApart()
    expect(await tags()).toEqual(["in-force", "in-force"])
  })

  it("holds where the rules of everybody else were flushed, and where they allow everything first", async () => {
    within(worker, "iptables-nft", "-F")
    within(worker, "iptables-nft", "-I", "FORWARD", "-j", "ACCEPT")
    await expectApart()
    expect(await tags()).toEqual(["in-force", "in-force"])
  })

  it("leaves only the web ports of the fleet, as soon as an address is of it", async () => {
    const looks = () => Promise.all([80, 2377].map((port) => reaches(container, fleetAddress, port)))
    expect(await looks()).toEqual([true, true])
    await become({ fleetAddresses: [fleetAddress] })
    expect(await looks()).toEqual([true, false])
    await become({ fleetAddresses: [] })
    expect(await looks()).toEqual([true, true])
  })

  it("counts datagrams that forge another network's packets, sent to anybody", async () => {
    const count = () => Effect.runPromise(keepers[0]!.packets(chains.forged))
    const before = await count()
    for (const address of ["172.30.0.1", "10.99.0.1", privateAddress, publicAddress])
      flood(container, address, 4789, 5)
    expect((await count()) - before).toBe(20)
  })

  it("opens the ports of the cluster to its machines only, and to everybody while they are not known", async () => {
    const own = "10.99.0.1"
    const ears = [4789, 7946].map((port) => ({ port, ear: hear(worker, port) }))
    /** What comes through, of one that is a machine of the cluster by one address and none by another. */
    const outcomes = async (from: string) => {
      const tcp = await Promise.all([2377, 7946, 80].map((port) => reaches(beyond, own, port, from)))
      const before = ears.map(({ ear }) => ear.count())
      for (const { port } of ears) {
        flood(beyond, own, port, 3, from)
        setMark(worker, own, port)
      }
      await until("the marks", async () =>
        ears.every(({ ear }, at) => ear.count() > before[at]! && ear.isMarked()),
      )
      return { tcp, udp: ears.map(({ ear }, at) => ear.count() - before[at]! - 1) }
    }
    await until("the ears", async () => {
      for (const { port } of ears) setMark(worker, own, port)
      return ears.every(({ ear }) => ear.isMarked())
    })
    const open = { tcp: [true, true, true], udp: [3, 3] }
    const closed = { tcp: [false, false, true], udp: [0, 0] }
    expect(await outcomes(fleetAddress)).toEqual(open)
    await become({ clusterAddresses: [own, fleetAddress] })
    expect(await outcomes(fleetAddress)).toEqual(open)
    expect(await outcomes(privateAddress)).toEqual(closed)
    expect(await reaches(container, "172.30.0.1", 7946)).toBe(false)
    // One that joins is let in as soon as it is told of; so is one of very many.
    const many = Array.from({ length: 100 }, (_, at) => `10.98.0.${at}`)
    await become({ clusterAddresses: [own, ...many, privateAddress] })
    expect(await outcomes(privateAddress)).toEqual(open)
    expect(await outcomes(fleetAddress)).toEqual(closed)
    await become({ clusterAddresses: [] })
    expect(await outcomes(fleetAddress)).toEqual(open)
    expect(iptables("-t", "mangle", "-S").toString()).not.toContain("SKYPANEL-CLUSTER")
    for (const { ear } of ears) ear.stop()
  })

  it("lets nobody but the cluster's machines write into an overlay network", async () => {
    const [own, address] = ["10.99.0.1", "10.127.1.2"]
    const mac = `02:42:${address
      .split(".")
      .map((byte) => Number(byte).toString(16).padStart(2, "0"))
      .join(":")}`
    // As the engine makes it for a network: whoever sends to the port is heard in there.
    ip(
      ...["-n", worker, "link", "add", "vx0", "address", mac, "type", "vxlan"],
      ...["id", "4100", "dstport", "4789"],
    )
    ip("-n", worker, "addr", "add", `${address}/24`, "dev", "vx0")
    ip("-n", worker, "link", "set", "vx0", "up")
    const ear = hear(worker, forgedPort)
    const forge = (from: string, text: string) => {
      const how = ["-u", "-", `UDP-SENDTO:${own}:4789,bind=${from}`]
      const [program, args] = inside(beyond)("socat", how)
      execFileSync(program, args, { input: forgedFrame(4100, address, text) })
    }
    await become({ clusterAddresses: [own, fleetAddress] })
    await until("the ear", async () => {
      setMark(worker, address, forgedPort)
      return ear.isMarked()
    })
    for (let at = 0; at < 5; at++) forge(privateAddress, "stranger")
    await until("a member's packet", async () => {
      forge(fleetAddress, "member")
      return ear.text().includes("member")
    })
    // The stranger's were sent before.
    expect(ear.text()).not.toContain("stranger")
    await become({ clusterAddresses: [] })
    await until("the stranger's packet", async () => {
      forge(privateAddress, "stranger")
      return ear.text().includes("stranger")
    })
    ear.stop()
    ip("-n", worker, "link", "delete", "vx0")
  })

  it("hears answers of one whom this machine has spoken to first, whoever it is", async () => {
    await become({ clusterAddresses: [fleetAddress] })
    const [program, args] = inside(beyond)("socat", ["UDP-RECVFROM:7946,fork", "PIPE"])
    listeners.push(spawn(program, args, { stdio: "ignore" }))
    const question = `(echo asked; sleep 0.5) | socat -t1 - UDP:${privateAddress}:7946,sourceport=7946`
    await until("an answer", async () =>
      run(...inside(worker)("sh", ["-c", question])).then(
        ({ stdout }) => stdout.includes("asked"),
        () => false,
      ),
    )
  })

  it("lets one container open so many connections at once, and no more", async () => {
    await become({ limits: { ...defaultFloodLimits, connections: 5 } })
    const opened = Array.from({ length: 8 }, () => {
      const [program, args] = inside(container)("socat", [
        "-u",
        `TCP:${publicAddress}:80,connect-timeout=1`,
        "-",
      ])
      return spawn(program, args, { stdio: "ignore" })
    })
    const ended = await Promise.all(
      opened.map((child) =>
        Promise.race([
          new Promise<boolean>((resolve) => child.once("exit", () => resolve(true))),
          new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 2_500)),
        ]),
      ),
    )
    for (const child of opened) child.kill("SIGKILL")
    expect(ended.filter((end) => !end)).toHaveLength(5)
    // The worker's own connections do not count.
    expect(await reaches(worker, publicAddress, 80)).toBe(true)
  })

  it("lets one container open so many in a second, and others go on", async () => {
    const limits: FloodLimits = { ...defaultFloodLimits, newPerSecond: 1, newBurst: 5 }
    await become({ limits })
    const looks = await Promise.all(Array.from({ length: 12 }, () => reaches(container, publicAddress, 80)))
    const open = looks.filter(Boolean).length
    expect(open).toBeGreaterThanOrEqual(5)
    expect(open).toBeLessThan(9)
    expect(await reaches(neighbour, publicAddress, 80)).toBe(true)
  })

  it("limits datagrams, and questions to name servers further", async () => {
    await become({
      limits: { ...defaultFloodLimits, udpPacketsPerSecond: 20, dnsPerSecond: 5 },
    })
    const [others, questions] = [hear(beyond, 5000), hear(beyond, 53)]
    await until("the ears", async () => {
      flood(worker, publicAddress, 5000, 1)
      flood(worker, publicAddress, 53, 1)
      return others.count() > 0 && questions.count() > 0
    })
    const before = [others.count(), questions.count()] as const
    flood(container, publicAddress, 5000, 500)
    await until("datagrams", async () => others.count() - before[0] >= 40)
    expect(others.count() - before[0]).toBeLessThan(80)
    flood(neighbour, publicAddress, 53, 500)
    await until("questions", async () => questions.count() - before[1] >= 20)
    expect(questions.count() - before[1]).toBeLessThan(35)
    others.stop()
    questions.stop()
  })

  it("goes away without a trace", async () => {
    await remove()
    for (const program of ["iptables", "ip6tables"])
      expect(execFileSync(...through(program, ["-t", "mangle", "-S"])).toString()).not.toContain("SKYPANEL")
    expect(await reaches(container, privateAddress, 80)).toBe(true)
    await remove()
  })
})
