// Becomes a program that has control groups of its own, so that what a server of a test does with them ends in a
// subtree that can be removed. With version 2 systemd-nspawn makes one by itself.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { parseArgs } from "node:util"

const { values, positionals } = parseArgs({ options: { cgroup: { type: "string" } }, allowPositionals: true })
const base = "/sys/fs/cgroup"
const cgroup = values.cgroup ?? ""

/** A cpuset has no processor until it is told which. */
const inherit = (hierarchy: string, file: string) => {
  const from = join(hierarchy, file)
  if (existsSync(from)) writeFileSync(join(hierarchy, cgroup, file), readFileSync(from))
}

if (!existsSync(join(base, "cgroup.controllers"))) {
  for (const hierarchy of readdirSync(base).map((name) => join(base, name))) {
    mkdirSync(join(hierarchy, cgroup), { recursive: true })
    for (const file of ["cpuset.cpus", "cpuset.mems"]) inherit(hierarchy, file)
    writeFileSync(join(hierarchy, cgroup, "cgroup.procs"), String(process.pid))
  }
}

const [program = "", ...args] = positionals
process.execve?.(program, [program, ...args], process.env as Record<string, string>)
