import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect, Schedule } from "effect"
import { isRunning, type RunningProcess, runningProcesses, signal, withDescendants } from "./processes.ts"
import { run } from "./program.ts"

// What a private engine leaves in the machine's own network when it stops, and how it is taken away again:
// exactly what was not there before it started.

const COMMANDS = ["iptables", "ip6tables"] as const
const TABLES = ["filter", "nat", "mangle", "raw"] as const
const BUILT_IN_POLICY = /^-P (\S+) (\S+)$/

/** Kernel settings that dockerd switches on. */
const SWITCHES = [
  "/proc/sys/net/ipv4/ip_forward",
  "/proc/sys/net/ipv6/conf/all/forwarding",
  "/proc/sys/net/ipv6/conf/default/forwarding",
  "/proc/sys/net/bridge/bridge-nf-call-iptables",
  "/proc/sys/net/bridge/bridge-nf-call-ip6tables",
]

/** The state of the machine's network that an engine changes. */
export interface NetworkState {
  readonly devices: ReadonlyArray<string>
  /** By "command table", the lines of `iptables -S`. */
  readonly rules: Readonly<Record<string, ReadonlyArray<string>>>
  readonly switches: Readonly<Record<string, string>>
}

const rulesOf = (command: string, table: string) =>
  run(command, ["-w", "5", "-t", table, "-S"]).pipe(
    Effect.map((text) => text.split("\n").filter((line) => line.startsWith("-"))),
    Effect.catch(() => Effect.succeed<ReadonlyArray<string>>([])), // this kernel has no such table
  )

/** The network devices of our own namespace; /sys may show another one's. */
const devices = (): ReadonlyArray<string> =>
  readFileSync("/proc/self/net/dev", "utf8")
    .split("\n")
    .flatMap((line) => /^\s*(\S+):/.exec(line)?.[1] ?? [])

export const networkState = Effect.gen(function* () {
  const rules: Record<string, ReadonlyArray<string>> = {}
  for (const command of COMMANDS)
    for (const table of TABLES) rules[`${command} ${table}`] = yield* rulesOf(command, table)
  const switches = SWITCHES.filter((file) => existsSync(file)).map(
    (file) => [file, readFileSync(file, "utf8").trim()] as const,
  )
  return { devices: devices(), rules, switches: Object.fromEntries(switches) }
})

const DOCKER_DEVICE = /^(docker0|docker_gwbridge|br-[0-9a-f]{12}|veth[0-9a-f]{7})$/

/** Docker's own chains; rules that lead to one of them or name one of its bridges are its as well. */
const DOCKERS = /(^-N DOCKER)|(-j DOCKER(-|\b))|((-i|-o) (docker0|docker_gwbridge|br-[0-9a-f]{12})\b)/

/** The iptables arguments that take away, in this order, what `now` has of Docker and `before` had not. */
export const undoing = (
  before: ReadonlyArray<string>,
  now: ReadonlyArray<string>,
): ReadonlyArray<ReadonlyArray<string>> => {
  const added = now.filter((line) => !before.includes(line))
  const chains = added.filter((line) => line.startsWith("-N DOCKER")).map((line) => line.slice(3))
  const inOwnChain = (line: string) => chains.includes(line.split(" ")[1] ?? "")
  const policies = added.flatMap((line) => {
    const chain = BUILT_IN_POLICY.exec(line)?.[1]
    const was = before.map((old) => BUILT_IN_POLICY.exec(old)).find((old) => old?.[1] === chain)
    return chain ? [["-P", chain, was?.[2] ?? "ACCEPT"]] : []
  })
  return [
    ...policies,
    ...added
      .filter((line) => line.startsWith("-A ") && DOCKERS.test(line) && !inOwnChain(line))
      .map((line) => ["-D", ...line.slice(3).split(" ")]),
    ...chains.map((chain) => ["-F", chain]),
    ...chains.map((chain) => ["-X", chain]),
  ]
}

/** Gives the machine's network back as it was in `before`, as far as Docker changed it. */
export const restoreNetwork = Effect.fnUntraced(function* (before: NetworkState) {
  const now = yield* networkState
  for (const [key, lines] of Object.entries(now.rules)) {
    const [command = "", table = ""] = key.split(" ")
    for (const args of undoing(before.rules[key] ?? [], lines))
      yield* Effect.ignore(run(command, ["-w", "5", "-t", table, ...args]))
  }
  for (const device of now.devices)
    if (DOCKER_DEVICE.test(device) && !before.devices.includes(device))
      yield* Effect.ignore(run("ip", ["link", "delete", device]))
  for (const [file, value] of Object.entries(before.switches))
    yield* Effect.ignore(Effect.try(() => writeFileSync(file, value)))
})

const stateFile = (directory: string) => join(directory, "network-before.json")

/** Remembers the network as it is now, for a later `forgetNetwork`, also by another run after a kill. */
export const rememberNetwork = Effect.fnUntraced(function* (directory: string) {
  writeFileSync(stateFile(directory), JSON.stringify(yield* networkState))
})

export const forgetNetwork = Effect.fnUntraced(function* (directory: string) {
  const file = stateFile(directory)
  if (!existsSync(file)) return
  yield* restoreNetwork(JSON.parse(readFileSync(file, "utf8")) as NetworkState)
  rmSync(file)
})

const ENGINE_PROGRAMS = /(^|\/)(dockerd|containerd|containerd-shim(-runc-v[12])?)$/

const isEngineProgram =
  (directory: string) =>
  ({ command }: RunningProcess): boolean =>
    ENGINE_PROGRAMS.test(command[0] ?? "") && command.some((part) => part.includes(`${directory}/`))

/** The processes of the private engine in `directory` and of its containers. */
export const engineProcesses = (directory: string, cgroup: string): ReadonlyArray<RunningProcess> => {
  const all = runningProcesses()
  const own = all.find(({ pid }) => pid === process.pid)?.mountNamespace
  const programs = all.filter(isEngineProgram(directory))
  const namespaces = new Set(programs.map(({ mountNamespace }) => mountNamespace))
  for (const outside of [own, ""]) namespaces.delete(outside ?? "")
  return withDescendants(
    all,
    (each) =>
      programs.includes(each) || namespaces.has(each.mountNamespace) || each.cgroups.includes(`/${cgroup}/`),
  )
}

/** Kills what is left of an engine and its containers; returns when all of it is gone, at most 10 seconds later. */
export const killEngine = (directory: string, cgroup: string) =>
  Effect.suspend(() => {
    const left = engineProcesses(directory, cgroup).filter(({ pid }) => isRunning(pid))
    for (const { pid } of left) signal(pid, "SIGKILL")
    return left.length > 0 ? Effect.fail("still running" as const) : Effect.void
  }).pipe(Effect.retry(Schedule.spaced(50)), Effect.timeoutOption(10_000), Effect.ignore)

const removeTree = (path: string): void => {
  for (const entry of readdirSync(path, { withFileTypes: true }))
    if (entry.isDirectory()) removeTree(join(path, entry.name))
  rmdirSync(path) // a cgroup is removed with rmdir; its files go with it
}

/** Removes the empty cgroups that the containers were in, in every hierarchy (one for cgroups v2). */
export const removeCgroups = (cgroup: string) =>
  Effect.sync(() => {
    const base = "/sys/fs/cgroup"
    const hierarchies = [base, ...readdirSync(base).map((name) => join(base, name))]
    for (const path of hierarchies.map((hierarchy) => join(hierarchy, cgroup)))
      if (existsSync(path)) removeTree(path)
  }).pipe(Effect.sandbox, Effect.ignore)
