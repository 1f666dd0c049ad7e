import { existsSync } from "node:fs"
import { mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import { Effect, type Scope } from "effect"

/** What a build may use, together with everything that it starts. */
export interface GroupLimits {
  readonly memoryBytes: number
  readonly processes: number
  readonly cores: number
}

/** The control group of one build: cgroup version 1 or 2, whichever this machine has. */
export interface ControlGroup {
  /** False where this machine lets us make none: then memory is bounded per process only. */
  readonly bounded: boolean
  /** Puts processes into it; those that are gone already are skipped. */
  readonly add: (pids: ReadonlyArray<number>) => Promise<void>
  /** Ends everything in it and waits (at most 5 s) until it is empty. */
  readonly kill: () => Promise<void>
  /** How often the kernel ended a process of it for want of memory. */
  readonly memoryKills: () => Promise<number>
}

const root = "/sys/fs/cgroup"
/** Looked at when it is needed: agents that build nothing may not look there on Deno. */
const isVersion2 = () => existsSync(join(root, "cgroup.controllers"))
const kinds = ["memory", "pids", "cpu"] as const
const controllers = kinds.map((kind) => `+${kind}`).join(" ")
const folderOf = (kind: (typeof kinds)[number], ...names: ReadonlyArray<string>) =>
  isVersion2() ? join(root, ...names) : join(root, kind, ...names)
const foldersOf = (...names: ReadonlyArray<string>) => [
  ...new Set(kinds.map((kind) => folderOf(kind, ...names))),
]

const members = async (folder: string): Promise<Array<number>> => {
  const text = await readFile(join(folder, "cgroup.procs"), "utf8").catch(() => "")
  return text.split("\n").filter(Boolean).map(Number)
}

const killMembers = async (folder: string): Promise<void> => {
  for (let round = 0; round < 500; round++) {
    const pids = await members(folder)
    if (pids.length === 0) return
    const killed = await writeFile(join(folder, "cgroup.kill"), "1").then(
      () => true,
      () => false,
    )
    for (const pid of killed ? [] : pids) {
      try {
        process.kill(pid, "SIGKILL")
      } catch {
        // It ended by itself.
      }
    }
    await wait(round === 0 ? 1 : 10)
  }
}

const remove = async (folder: string): Promise<void> => {
  await killMembers(folder)
  for (let round = 0; round < 100; round++) {
    const removed = await rmdir(folder).then(
      () => true,
      (error) => error.code === "ENOENT",
    )
    if (removed) return
    await wait(10)
  }
}

const limit = async (name: ReadonlyArray<string>, limits: GroupLimits): Promise<void> => {
  const quota = Math.max(1000, Math.round(limits.cores * 100_000))
  const required: ReadonlyArray<readonly [kind: (typeof kinds)[number], file: string, value: number]> =
    isVersion2()
      ? [
          ["memory", "memory.max", limits.memoryBytes],
          ["pids", "pids.max", limits.processes],
        ]
      : [
          ["memory", "memory.limit_in_bytes", limits.memoryBytes],
          ["pids", "pids.max", limits.processes],
        ]
  for (const [kind, file, value] of required) {
    await writeFile(join(folderOf(kind, ...name), file), String(value))
  }
  // Kernels without swap accounting or CPU quota have no such file; the build is bounded without them.
  const optional = isVersion2()
    ? [
        ["memory", "memory.swap.max", "0"],
        ["cpu", "cpu.max", `${quota} 100000`],
      ]
    : [
        ["memory", "memory.memsw.limit_in_bytes", String(limits.memoryBytes)],
        ["cpu", "cpu.cfs_quota_us", String(quota)],
      ]
  for (const [kind, file, value] of optional) {
    await writeFile(join(folderOf(kind as "cpu", ...name), file!), value!).catch(() => undefined)
  }
}

/** In the kernel's words: a twentieth of what a container's group has, which is 100 in version 2 and 1024 in version 1. */
const lowWeight = [
  ["cpu.weight", "5"],
  ["cpu.shares", "51"],
] as const

/**
 * All builds of a builder together stand back behind everything else on the machine: while customers' containers want its
 * processors, builds get next to nothing of them; otherwise all that they may have.
 */
const standBack = async (parent: string): Promise<void> => {
  for (const [file, value] of lowWeight)
    await writeFile(join(folderOf("cpu", parent), file), value, { flag: "r+" }).catch(() => undefined)
}

const make = async (name: ReadonlyArray<string>, limits: GroupLimits): Promise<void> => {
  if (isVersion2()) {
    // systemd has done that; without it the groups below would have no limits to set.
    await writeFile(join(root, "cgroup.subtree_control"), controllers).catch(() => undefined)
  }
  for (let depth = 1; depth <= name.length; depth++) {
    for (const folder of foldersOf(...name.slice(0, depth))) await mkdir(folder, { recursive: true })
    if (isVersion2() && depth < name.length) {
      await writeFile(join(root, ...name.slice(0, depth), "cgroup.subtree_control"), controllers)
    }
  }
  await standBack(name[0]!)
  await limit(name, limits)
}

const memoryKills = async (name: ReadonlyArray<string>): Promise<number> => {
  const file = isVersion2() ? "memory.events" : "memory.oom_control"
  const text = await readFile(join(folderOf("memory", ...name), file), "utf8").catch(() => "")
  return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0)
}

const unbounded: ControlGroup = {
  bounded: false,
  add: async () => undefined,
  kill: async () => undefined,
  memoryKills: async () => 0,
}

/** A control group for as long as the scope is open. `parent` names the builder, `name` the build. */
export const openControlGroup = (
  parent: string,
  name: string,
  limits: GroupLimits,
): Effect.Effect<ControlGroup, never, Scope.Scope> => {
  const path = [parent, name]
  const group: ControlGroup = {
    bounded: true,
    add: async (pids) => {
      for (const pid of pids) {
        for (const folder of foldersOf(...path)) {
          await writeFile(join(folder, "cgroup.procs"), String(pid)).catch((error) => {
            if (error.code !== "ESRCH") throw error
          })
        }
      }
    },
    kill: async () => {
      for (const folder of foldersOf(...path)) await killMembers(folder)
    },
    memoryKills: () => memoryKills(path),
  }
  return Effect.acquireRelease(
    Effect.promise(() =>
      make(path, limits).then(
        () => group,
        () => unbounded,
      ),
    ),
    () =>
      Effect.promise(async () => {
        for (const folder of foldersOf(...path)) await remove(folder)
      }),
  )
}

/** Ends what is in the parent's groups, such as what builds of an agent that was killed have left, and removes them all. */
export const sweepControlGroups = (parent: string): Effect.Effect<void> =>
  Effect.promise(async () => {
    for (const folder of foldersOf(parent)) {
      for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
        if (entry.isDirectory()) await remove(join(folder, entry.name))
      }
      await remove(folder)
    }
  })
