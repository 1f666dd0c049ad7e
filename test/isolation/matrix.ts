import type { LabWorker } from "../lab/lab.ts"
import { beyond, endpointPort, type Fleet, type Member, publicOf, workerPorts } from "./fleet.ts"
import type { Placed } from "./place.ts"
import { servicePort } from "./place.ts"
import { inContainer, type Probe, tcp } from "./probes.ts"
import { forgedFrame } from "./vxlan.ts"

/** The organization that attacks, and the one that it attacks: one service of each on every worker. */
export const attacker = (index: number) => ({ n: 10 + index, organization: 1, name: `attacker-${index + 1}` })
export const victim = (index: number) => ({ n: 20 + index, organization: 2, name: `victim-${index + 1}` })
/** The port of the first worker that leads to its victim, as somebody could have published it by hand. */
export const publishedPort = 18_080

/**
 * From its first moment on it tries a port of its worker that is closed to containers, and remembers when it was open:
 * what no test that comes later can see.
 */
export const watchful = `
own=$(ip route | sed -n 's/^default via \\([0-9.]*\\).*/\\1/p')
(while true; do socat -u OPEN:/dev/null TCP4:$own:22,connect-timeout=0.5 2>/dev/null && echo open >> /tmp/leak; sleep 0.3; done) &
`

/** Where everybody is, as an attacker would find it out. */
export interface Map {
  readonly victims: ReadonlyArray<{ readonly overlay: string; readonly bridge: string }>
  /** The address of the attacker's own worker on the bridge that both are on. */
  readonly ownGateway: string
}

export const gatewayOf = async (member: Member): Promise<string> => {
  const bridge = (await member.worker.docker.getNetwork("docker_gwbridge").inspect()) as {
    readonly IPAM: { readonly Config: ReadonlyArray<{ readonly Gateway: string }> }
  }
  return bridge.IPAM.Config[0]!.Gateway
}

/** `victims`: of the first so many workers. */
export const mapOf = async (fleet: Fleet, member: Member, victims = fleet.members.length): Promise<Map> => ({
  victims: await Promise.all(
    fleet.members.slice(0, victims).map((each, index) => each.addresses(victim(index))),
  ),
  ownGateway: await gatewayOf(member),
})

const swarmPorts = [2377, 7946] as const

/** Succeeds when the engine's name server has an address for this name. */
const addressesOf = (name: string) => `nslookup ${name} 127.0.0.11 | grep -A9 answer | grep Address`

const otherOrganization = ({ victims }: Map, fleet: Fleet): ReadonlyArray<Probe> => [
  ...victims.flatMap(({ overlay, bridge }, index) => [
    tcp(`${victim(index).name} by its overlay address`, overlay, servicePort),
    tcp(`${victim(index).name} by its address on the bridge`, bridge, servicePort),
    tcp(`${victim(index).name} by its name`, victim(index).name, servicePort),
    {
      what: `${victim(index).name} by the name of its task`,
      command: addressesOf(`tasks.test-${victim(index).n}`),
      allowed: false,
    },
    {
      what: `the name of ${overlay}, of the engine's name server`,
      command: `nslookup ${overlay} 127.0.0.11 | grep -i victim`,
      allowed: false,
    },
  ]),
  tcp("a published port", fleet.members[0]!.worker.address, publishedPort),
  tcp("a published port", publicOf(fleet.members[0]!.worker), publishedPort),
]

const workers = ({ ownGateway }: Map, fleet: Fleet): ReadonlyArray<Probe> => [
  ...[...workerPorts, ...swarmPorts, endpointPort].map((port) => tcp("its own worker", ownGateway, port)),
  tcp("a published port by its own worker", ownGateway, publishedPort),
  ...fleet.members.flatMap(({ worker }) => [
    ...[...workerPorts, ...swarmPorts, endpointPort].map((port) => tcp(worker.id, worker.address, port)),
    ...[...workerPorts, ...swarmPorts].map((port) =>
      tcp(`${worker.id} by its public address`, publicOf(worker), port),
    ),
    tcp(`the proxy of ${worker.id}, as every visitor`, publicOf(worker), endpointPort, true),
  ]),
]

const controlPlane = ({ platform, gateway }: Fleet): ReadonlyArray<Probe> => [
  ...platform.ports.map((port) => tcp("platform and database", platform.address, port)),
  ...[2377, 5432].map((port) => tcp("the control plane by its public address", beyond.controlPlane, port)),
  ...[80, 443].map((port) => tcp("the control plane, as every visitor", beyond.controlPlane, port, true)),
  ...beyond.metadata.map((address) => tcp("the metadata service", address, 80)),
  tcp("the next router", gateway.address, 53),
  tcp("a mail server", beyond.internet, 25),
  tcp("the Internet", beyond.internet, 80, true),
]

const belowIp = ({ victims }: Map): ReadonlyArray<Probe> => [
  {
    what: "every packet of the bridge",
    command: "socat -u -T1 INTERFACE:eth1 OPEN:/tmp/sniffed,creat",
    allowed: false,
  },
  { what: "a frame of one's own making", command: "echo x | socat -u - INTERFACE:eth1", allowed: false },
  {
    what: "a raw packet",
    command: `echo x | socat -u - IP4-SENDTO:${victims[0]?.bridge}:254`,
    allowed: false,
  },
  { what: "promiscuous mode", command: "ip link set eth1 promisc on", allowed: false },
  {
    what: "an address of somebody else",
    command: `ip address add ${victims[0]?.bridge}/32 dev eth1`,
    allowed: false,
  },
  { what: "a route of one's own", command: "ip route add 1.1.1.1/32 dev eth0", allowed: false },
  {
    what: "IPv6 to its worker",
    command: "socat -u OPEN:/dev/null TCP6:[fe80::1%eth1]:22,connect-timeout=1.5",
    allowed: false,
  },
  {
    what: "IPv6 to everybody on the bridge",
    command: "echo x | socat -u - UDP6-SENDTO:[ff02::1%eth1]:9999",
    allowed: false,
  },
]

/** Everything that an attacker tries from one worker. */
export const probesOf = (fleet: Fleet, map: Map): ReadonlyArray<Probe> => [
  ...otherOrganization(map, fleet),
  ...workers(map, fleet),
  ...controlPlane(fleet),
  ...belowIp(map),
  // So that the silence above means something.
  tcp("a friend of its own organization, by its name", attacker(1).name, servicePort, true),
  {
    what: "the same by the name of its task",
    command: addressesOf(`tasks.test-${attacker(1).n}`),
    allowed: true,
  },
]

/** What no container of a worker may ever reach, from its first moment on: its worker. */
export const ownWorkerProbes = ({ ownGateway }: Pick<Map, "ownGateway">): ReadonlyArray<Probe> =>
  workerPorts.map((port) => tcp("its own worker", ownGateway, port))

/** Networks that Swarm numbers first: of the whole range there is one that is the victim's. */
export const networks = (last: number) => Array.from({ length: last - 4096 + 1 }, (_, index) => 4096 + index)

/** Sends forged packets for every victim to every worker, and to the attacker's own. Gives how many. */
export const forge = async (
  fleet: Fleet,
  worker: LabWorker,
  container: string,
  map: Map,
  numbers: ReadonlyArray<number>,
): Promise<number> => {
  const frames = map.victims.flatMap(({ overlay }) =>
    // All of the same length, whatever the addresses: one read of the file is one datagram.
    numbers.map((network) => forgedFrame(network, overlay, `forged on ${worker.id}`)),
  )
  const targets = [
    map.ownGateway,
    ...fleet.members.flatMap((each) => [each.worker.address, publicOf(each.worker)]),
  ]
  const base64 = Buffer.concat(frames).toString("base64")
  await inContainer(
    worker,
    container,
    [
      `echo ${base64} | base64 -d > /tmp/frames`,
      ...targets.map((to) => `socat -b${frames[0]?.length} -u OPEN:/tmp/frames UDP4-SENDTO:${to}:4789`),
    ].join("\n"),
  )
  return frames.length * targets.length
}

/** What came to a victim's UDP port. */
export const heardBy = async (member: Member, placed: Pick<Placed, "n">) =>
  inContainer(member.worker, await member.container(placed), "cat /tmp/heard")
