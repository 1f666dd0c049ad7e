// Runs inside the mount namespace that a private engine gets (`unshare --mount`), prepares it, and becomes the
// engine. Whatever the engine mounts is seen only by its own processes, and is gone when they are.
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, rmdirSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { subordinateFiles } from "./engine-isolation.ts"

const { values, positionals } = parseArgs({
  options: { settings: { type: "string" } },
  allowPositionals: true,
})

const fail = (why: string): never => {
  process.stderr.write(`${why}\n`)
  process.exit(1)
}

const must = (command: string, ...args: ReadonlyArray<string>): void => {
  const { status, stderr } = spawnSync(command, args, { encoding: "utf8" })
  if (status === 0) return
  fail(`${command} ${args.join(" ")}: ${stderr}`)
}

const mount = (...args: ReadonlyArray<string>): void => must("mount", ...args)

/** /sys shows the network devices of the namespace it was mounted in; the cgroups below it stay what they were. */
const mountSysAfresh = (): void => {
  const aside = mkdtempSync(join(tmpdir(), "skypanel-cgroup-"))
  mount("--rbind", "/sys/fs/cgroup", aside)
  const { status, stderr } = spawnSync("mount", ["-t", "sysfs", "sysfs", "/sys"], { encoding: "utf8" })
  // In the network that /sys shows already, the kernel refuses to mount the same over itself (EBUSY).
  if (status !== 0 && !stderr.includes("already mounted")) fail(`mount /sys: ${stderr}`)
  mount("--rbind", aside, "/sys/fs/cgroup")
  must("umount", "--lazy", aside)
  rmdirSync(aside)
}

mountSysAfresh()
// The shims put their sockets here, and an engine would use the containerd that listens here.
mkdirSync("/run/containerd", { recursive: true })
mount("-t", "tmpfs", "-o", "mode=711", "tmpfs", "/run/containerd")
// The engine writes a key here and reads certificates; it gets a folder of its own for that.
mkdirSync("/etc/docker", { recursive: true })
mount("--bind", values.settings ?? "/etc/docker", "/etc/docker")
// Ids of an engine that maps users; the machine's own stay as they are for everybody else.
for (const name of subordinateFiles.filter((each) => existsSync(join("/etc/docker", each)))) {
  if (!existsSync(join("/etc", name))) writeFileSync(join("/etc", name), "")
  mount("--bind", join("/etc/docker", name), join("/etc", name))
}

const [program = "", ...args] = positionals
process.execve?.(program, [program, ...args], process.env as Record<string, string>)
