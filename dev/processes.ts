import { readdirSync, readFileSync, readlinkSync } from "node:fs"

/** A process of this machine, as Linux' /proc shows it. Fields are empty where we may not look. */
export interface RunningProcess {
  readonly pid: number
  readonly parent: number
  readonly command: ReadonlyArray<string>
  readonly directory: string
  /** All cgroup paths, one a line (see cgroups(7)). */
  readonly cgroups: string
  readonly mountNamespace: string
  readonly networkNamespace: string
}

const orEmpty = (read: () => string): string => {
  try {
    return read()
  } catch {
    return "" // gone meanwhile, or not ours to look at
  }
}

const describe = (pid: number): RunningProcess => {
  const at = `/proc/${pid}`
  const status = orEmpty(() => readFileSync(`${at}/stat`, "utf8"))
  return {
    pid,
    // The name in parentheses may itself hold spaces and parentheses, so read after the last one.
    parent: Number(status.slice(status.lastIndexOf(")") + 2).split(" ")[1] ?? 0),
    command: orEmpty(() => readFileSync(`${at}/cmdline`, "utf8")).split("\0"),
    directory: orEmpty(() => readlinkSync(`${at}/cwd`)),
    cgroups: orEmpty(() => readFileSync(`${at}/cgroup`, "utf8")),
    mountNamespace: orEmpty(() => readlinkSync(`${at}/ns/mnt`)),
    networkNamespace: orEmpty(() => readlinkSync(`${at}/ns/net`)),
  }
}

/** Every process of this machine; none where there is no /proc. */
export const runningProcesses = (): ReadonlyArray<RunningProcess> => {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map((name) => describe(Number(name)))
  } catch {
    return []
  }
}

/** Whether the process still runs; a zombie that nobody has reaped does not. */
export const isRunning = (pid: number): boolean => {
  const status = orEmpty(() => readFileSync(`/proc/${pid}/stat`, "utf8"))
  return status !== "" && !/^[ZX]/.test(status.slice(status.lastIndexOf(")") + 2))
}

/**
 * When the process started, in ticks since boot; empty when it does not run. With the process id it names one
 * process for good: the id alone may be another process by now.
 */
export const startOf = (pid: number): string => {
  const status = isRunning(pid) ? orEmpty(() => readFileSync(`/proc/${pid}/stat`, "utf8")) : ""
  return status.slice(status.lastIndexOf(")") + 2).split(" ")[19] ?? ""
}

/** The chosen processes and all their descendants. */
export const withDescendants = (
  all: ReadonlyArray<RunningProcess>,
  chosen: (process: RunningProcess) => boolean,
): ReadonlyArray<RunningProcess> => {
  const pids = new Set(all.filter(chosen).map(({ pid }) => pid))
  for (let before = -1; before !== pids.size; ) {
    before = pids.size
    for (const { pid, parent } of all) if (pids.has(parent)) pids.add(pid)
  }
  return all.filter(({ pid }) => pids.has(pid))
}

/** Sends a signal; a process that is gone already is no error. */
export const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error
  }
}
