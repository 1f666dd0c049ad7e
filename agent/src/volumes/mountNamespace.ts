import { readSystemLink } from "../systemFiles.ts"

const machine = "/proc/1/ns/mnt"

const namespaceOf = (file: string): string | null => {
  try {
    return readSystemLink(file)
  } catch {
    return null
  }
}

/** Where mounts are made that the Docker Engine and its containers shall see. */
export interface MountNamespace {
  /** What stands before a program's own command line. */
  readonly prefix: ReadonlyArray<string>
  /** What is mounted there. */
  readonly mountinfo: string
}

/**
 * The machine's own: systemd gives a hardened service a view of the file system of its own, and what is mounted in
 * there the engine never sees.
 */
export const machineMounts = (): MountNamespace => {
  const [own, first] = [namespaceOf("/proc/self/ns/mnt"), namespaceOf(machine)]
  return first === null || first === own
    ? { prefix: [], mountinfo: "/proc/self/mountinfo" }
    : { prefix: ["nsenter", `--mount=${machine}`, "--"], mountinfo: "/proc/1/mountinfo" }
}
