import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { CannotStart } from "../../dev/CannotStart.ts"
import { killEngine, removeCgroups } from "../../dev/engine-traces.ts"
import { cgroupOf } from "../../dev/private-engine.ts"
import { startOf } from "../../dev/processes.ts"
import { run } from "../../dev/program.ts"
import { unmountAll } from "../../dev/shared-folder.ts"

// A lab is one local network: a bridge in a network namespace of its own (so that the machine's packet filter
// does not see what passes it), this machine on it as .1, and a network namespace for each worker.
// Labs are numbered; several run at the same time beside each other, and beside a development platform.

// 10.214.255.0 and 10.215.255.0 are the development engine's.
const LABS = 31

/** At most this many workers fit into one lab's share of the address space. */
export const WORKERS = 8

export interface LabNetwork {
  readonly number: number
  /** Everything that the lab writes. */
  readonly directory: string
  /** This machine's address, as the workers see it. */
  readonly address: string
}

export interface LabAddress {
  readonly namespace: string
  readonly address: string
  /** Its docker_gwbridge gets the first of these pools, so this machine reaches every container there. */
  readonly addressPools: ReadonlyArray<readonly [string, number]>
}

const directoryOf = (number: number) => join(tmpdir(), `skypanel-lab-${number}`)
const switchOf = (number: number) => `sky${number}-lan`
const deviceOf = (number: number) => `sky${number}`
const portOf = (index: number) => `port${index}`

/** An IPv6 address is of use at once: nobody else has it. */
const noDad = (address: string) => (address.includes(":") ? ["nodad"] : [])

const ip = (...args: ReadonlyArray<string>) => run("ip", args)

const isOwned = (directory: string): boolean => {
  const file = join(directory, "owner")
  const [pid = "0", start] = existsSync(file) ? readFileSync(file, "utf8").split(" ") : []
  return start !== undefined && start !== "" && startOf(Number(pid)) === start
}

/** Takes away what a lab left: also one whose test was killed. */
const clear = Effect.fnUntraced(function* (number: number, directory: string) {
  for (let index = 0; index < WORKERS; index++) {
    const engine = join(directoryOf(number), `w${index + 1}`)
    yield* killEngine(engine, cgroupOf(engine))
    yield* removeCgroups(cgroupOf(engine))
  }
  for (const folder of new Set([directoryOf(number), directory])) yield* unmountAll(folder)
  const namespaces = existsSync("/run/netns") ? readdirSync("/run/netns") : []
  for (const name of namespaces.filter((each) => each.startsWith(`sky${number}-`)))
    yield* Effect.ignore(ip("netns", "delete", name))
  yield* Effect.ignore(ip("link", "delete", deviceOf(number)))
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
})

/** Takes the lab number if it is free, or if the process that had it is gone. */
const claim = Effect.fnUntraced(function* (number: number) {
  const directory = directoryOf(number)
  if (existsSync(directory) && !isOwned(directory)) {
    const aside = `${directory}.${process.pid}`
    try {
      renameSync(directory, aside) // only one of several that see this gets it
    } catch {
      return false
    }
    yield* clear(number, aside)
  }
  try {
    mkdirSync(directory)
  } catch {
    return false
  }
  writeFileSync(join(directory, "owner"), `${process.pid} ${startOf(process.pid)}`)
  return true
})

const free = Effect.gen(function* () {
  for (let number = 0; number < LABS; number++) if (yield* claim(number)) return number
  return yield* new CannotStart({ what: "Lab", why: `all ${LABS} labs of this machine are in use` })
})

/** Joins the two ends of a new cable: one on the lab's bridge, the other one where `end` says. */
const plug = Effect.fnUntraced(function* (number: number, index: number, end: ReadonlyArray<string>) {
  const lan = switchOf(number)
  yield* ip("link", "add", portOf(index), "netns", lan, "type", "veth", "peer", ...end)
  yield* ip("-n", lan, "link", "set", portOf(index), "master", "bridge", "up")
})

/** Makes a lab's network. Closing the scope removes it and everything in its directory. */
export const makeNetwork = Effect.gen(function* () {
  const number = yield* Effect.acquireRelease(free, (taken) => Effect.orDie(clear(taken, directoryOf(taken))))
  const address = `10.213.${number}.1`
  const lan = switchOf(number)
  yield* ip("netns", "add", lan)
  yield* ip("-n", lan, "link", "add", "bridge", "type", "bridge")
  yield* ip("-n", lan, "link", "set", "bridge", "up")
  yield* plug(number, 0, ["name", deviceOf(number)])
  yield* ip("address", "add", `${address}/24`, "dev", deviceOf(number))
  yield* ip("link", "set", deviceOf(number), "up")
  return { number, directory: directoryOf(number), address } satisfies LabNetwork
})

/** Adds worker `index` (0 … WORKERS − 1) to the lab's network. It lives as long as the network. */
export const addAddress = Effect.fnUntraced(function* ({ number, address }: LabNetwork, index: number) {
  const namespace = `sky${number}-w${index + 1}`
  const own = `10.213.${number}.${index + 11}`
  const third = number * WORKERS + index
  yield* ip("netns", "add", namespace)
  yield* plug(number, index + 1, ["name", "eth0", "netns", namespace])
  yield* ip("-n", namespace, "link", "set", "lo", "up")
  yield* ip("-n", namespace, "address", "add", `${own}/24`, "dev", "eth0")
  yield* ip("-n", namespace, "link", "set", "eth0", "up")
  yield* ip("-n", namespace, "route", "add", "default", "via", address)
  yield* ip("route", "add", `10.214.${third}.0/24`, "via", own)
  return {
    namespace,
    address: own,
    addressPools: [
      [`10.214.${third}.0/24`, 24],
      [`10.215.${third}.0/24`, 27],
    ],
  } satisfies LabAddress
})

/** A machine beyond the workers: to them it is the rest of the world. */
export interface LabGateway {
  readonly namespace: string
  readonly address: string
}

/**
 * Adds the machine that workers send everything to that is not on the lab's network: it has these addresses, and no
 * other cable. So nothing that a container sends anywhere leaves this machine. `workers` have one public address each.
 */
export const addGateway = Effect.fnUntraced(function* (
  { number }: LabNetwork,
  addresses: ReadonlyArray<string>,
  workers: ReadonlyArray<{ readonly namespace: string; readonly address: string; readonly public: string }>,
) {
  const namespace = `sky${number}-gw`
  const own = `10.213.${number}.254`
  const six = `fd42:${number}::`
  yield* ip("netns", "add", namespace)
  yield* plug(number, WORKERS + 1, ["name", "eth0", "netns", namespace])
  yield* ip("-n", namespace, "link", "set", "lo", "up")
  for (const address of [`${own}/24`, `${six}254/64`])
    yield* ip("-n", namespace, "address", "add", address, "dev", "eth0", ...noDad(address))
  for (const address of addresses)
    yield* ip("-n", namespace, "address", "add", address, "dev", "lo", ...noDad(address))
  yield* ip("-n", namespace, "link", "set", "eth0", "up")
  yield* run("nsenter", [`--net=/run/netns/${namespace}`, "sysctl", "-qw", "net.ipv4.ip_forward=1"])
  for (const [index, worker] of workers.entries()) {
    const address = `${six}${index + 11}/64`
    yield* ip("-n", worker.namespace, "address", "add", `${worker.public}/32`, "dev", "lo")
    yield* ip("-n", worker.namespace, "address", "add", address, "dev", "eth0", ...noDad(address))
    yield* ip("-n", worker.namespace, "route", "replace", "default", "via", own)
    yield* ip("-n", worker.namespace, "-6", "route", "replace", "default", "via", `${six}254`)
    yield* ip("-n", namespace, "route", "add", `${worker.public}/32`, "via", worker.address)
  }
  return { namespace, address: own } satisfies LabGateway
})

/** The place of this machine itself among the workers. */
export const HOST = -1

/** Pulls out (or plugs in again) the network cable of worker `index`, or of this machine. */
export const setCable = ({ number }: LabNetwork, index: number, state: "up" | "down") =>
  Effect.asVoid(ip("-n", switchOf(number), "link", "set", portOf(index + 1), state))
