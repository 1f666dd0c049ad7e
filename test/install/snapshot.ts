import type { Machine } from "./useMachine.ts"

/** What may differ on a machine that has run something: what runs now, and what programs keep for themselves. */
const volatile = [
  ...["/proc", "/sys", "/dev", "/run", "/tmp", "/root", "/var/log", "/var/cache", "/var/tmp"],
  ...["/var/lib/apt", "/var/lib/dpkg", "/var/lib/systemd", "/etc/ld.so.cache"],
  // Copies that the account tools keep of the files before.
  ...["/etc/passwd-", "/etc/shadow-", "/etc/group-", "/etc/gshadow-"],
]

const prune = volatile.map((path) => `-path ${path}`).join(" -o ")

/** One thing a line: packages, files with modes and owners, units, accounts, network, packet filter, processes. */
const lines = [
  `dpkg-query --show --showformat='package \${Package} \${Status}\\n'`,
  `find / -xdev \\( ${prune} \\) -prune -o -type f -printf 'file %p %m %u %s\\n' -o -printf 'other %p %y %m %u\\n'`,
  "systemctl list-unit-files --no-legend --no-pager | awk '{ print \"unit\", $1, $2 }'",
  "sed 's/^/account /' /etc/passwd /etc/group",
  "ip -oneline link | awk '{ print \"device\", $2 }'",
  ...["iptables", "ip6tables"].flatMap((program) =>
    ["filter", "mangle"].map(
      (table) =>
        `! command -v ${program} >/dev/null || ${program} -t ${table} -S | grep -e -N -e -A | sed 's/^/rule ${program} ${table} /'`,
    ),
  ),
  "findmnt --list --noheadings --output TARGET | grep -v -e /run -e /proc -e /sys | sed 's/^/mount /'",
  "ps -e -o comm= | grep -e docker -e containerd -e haproxy -e deno -e node | sed 's/^/process /'",
]

/** Everything on a machine that an installation could change. Equal before and after means that nothing was left. */
export const snapshot = async ({ sh }: Machine): Promise<ReadonlyArray<string>> => {
  const { stdout } = await sh(lines.join("\n"), { within: 120 })
  return [...new Set(stdout.split("\n").filter((line) => line !== ""))].sort()
}

export const difference = (before: ReadonlyArray<string>, after: ReadonlyArray<string>) => {
  const [old, now] = [new Set(before), new Set(after)]
  return [...before.filter((line) => !now.has(line)), ...after.filter((line) => !old.has(line))]
}
