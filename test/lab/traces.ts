import { execFileSync } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { engineDirectory } from "../../dev/engine.ts"
import { cgroupOf } from "../../dev/private-engine.ts"
import { runningProcesses } from "../../dev/processes.ts"

const output = (command: string, ...args: ReadonlyArray<string>) =>
  execFileSync(command, args, { encoding: "utf8" }).trim()

/** A network namespace of a test's own, for programs that are alone on a developer's machine. */
export const makeNamespace = (name: string) => {
  output("ip", "netns", "add", name)
  output("ip", "-n", name, "link", "set", "lo", "up")
  return {
    /** The argument list that runs a program in it. */
    inside: (...args: ReadonlyArray<string>) => ["nsenter", `--net=/run/netns/${name}`, ...args] as const,
    remove: () => output("ip", "netns", "delete", name),
  }
}

/**
 * Everything that a development run in network namespace `name`, with its data in `data`, could leave on the
 * machine. Equal before and after means that nothing was left.
 */
export const traces = (name: string, data: string) => {
  const within = (...args: ReadonlyArray<string>) => output("nsenter", `--net=/run/netns/${name}`, ...args)
  const rulesOf = (command: string, table: string) =>
    within(command, "-w", "-t", table, "-S")
      .split("\n")
      .map((rule) => `${command} ${table} ${rule}`)
  return {
    devices: within("cat", "/proc/self/net/dev").match(/^ *\S+(?=:)/gm),
    rules: ["iptables", "ip6tables"].flatMap((command) => [
      ...rulesOf(command, "filter"),
      ...rulesOf(command, "nat"),
      ...rulesOf(command, "mangle"),
    ]),
    forwarding: within("cat", "/proc/sys/net/ipv4/ip_forward"),
    mounts: readFileSync("/proc/self/mountinfo", "utf8")
      .split("\n")
      .filter((line) => line.includes(data)),
    processes: runningProcesses()
      .filter(({ command, directory }) => command.join(" ").includes(data) || directory.startsWith(data))
      .map(({ command }) => command.join(" ")),
    cgroups: output("find", "/sys/fs/cgroup", "-name", cgroupOf(engineDirectory(data))),
    inNamespace: output("ip", "netns", "pids", name),
    temporary: readdirSync("/tmp").filter((entry) => entry.startsWith("skypanel-cgroup-")),
  }
}
