/*
 * What a program of a build may see and use. The walls are the kernel's: bubblewrap gives it its own mounts,
 * processes and names, its network is none or a namespace whose only way out is our egress proxy, and a control
 * group bounds it together with everything it starts.
 *
 * Everything here is pure: it makes the argument list.
 */

/** Folders of the machine that programs need to run at all. A link is made again instead of followed. */
export type SystemFolder =
  | { readonly path: string; readonly link: null }
  | { readonly path: string; readonly link: string }

export interface Host {
  readonly system: ReadonlyArray<SystemFolder>
  /** A folder with our own `passwd`, `group` and `hosts`, shown as those of /etc. */
  readonly names: string
  /** Search path for programs, inside and outside. */
  readonly path: string
  /** File with the certificates of the authorities that are trusted. */
  readonly certificates: string
}

export interface Confinement {
  /** `fetcher` is an unprivileged user; `evaluator` owns the store but has no capability; `builder` makes sandboxes. */
  readonly as: "fetcher" | "evaluator" | "builder"
  /** The network namespace to run in, such as `/proc/123/ns/net`; null is a new one with nothing in it. */
  readonly network: string | null
  /** Folders bound at their own path. */
  readonly writable: ReadonlyArray<string>
  readonly readable: ReadonlyArray<string>
  /** Bytes of `/tmp`, which is memory and counts as such. */
  readonly scratchBytes: number
  /** Bytes of the largest file it may write. */
  readonly fileBytes: number
  /** Bytes of address space; null where a control group bounds its memory. */
  readonly addressBytes: number | null
  readonly environment: Readonly<Record<string, string>>
}

/** Our own unprivileged user for fetching, and those that Nix gives its builders. None of them exists outside. */
export const fetcherId = 829_999
export const builderGroupId = 830_000
export const builderCount = 32

export const passwdFile = [
  "root:x:0:0::/tmp:/bin/false",
  `fetcher:x:${fetcherId}:${fetcherId}::/tmp:/bin/false`,
  ...Array.from(
    { length: builderCount },
    (_, n) => `nixbld${n + 1}:x:${builderGroupId + n + 1}:${builderGroupId}::/var/empty:/bin/false`,
  ),
  "",
].join("\n")

export const groupFile = [
  "root:x:0:",
  `fetcher:x:${fetcherId}:`,
  `nixbld:x:${builderGroupId}:${Array.from({ length: builderCount }, (_, n) => `nixbld${n + 1}`).join(",")}`,
  "",
].join("\n")

export const hostsFile = "127.0.0.1 localhost\n::1 localhost\n"

const limits = (confinement: Confinement): ReadonlyArray<string> => [
  "prlimit",
  "--core=0",
  "--nofile=16384",
  `--fsize=${confinement.fileBytes}`,
  ...(confinement.addressBytes === null ? [] : [`--as=${confinement.addressBytes}`]),
  "--",
]

const users = (as: Confinement["as"]): ReadonlyArray<string> =>
  as === "fetcher"
    ? ["setpriv", `--reuid=${fetcherId}`, `--regid=${fetcherId}`, "--clear-groups", "--no-new-privs", "--"]
    : []

const mounts = (host: Host, confinement: Confinement): ReadonlyArray<string> => [
  ...host.system.flatMap(({ path, link }) =>
    link === null ? ["--ro-bind", path, path] : ["--symlink", link, path],
  ),
  ...["passwd", "group", "hosts"].flatMap((name) => ["--ro-bind", `${host.names}/${name}`, `/etc/${name}`]),
  // Nix mounts a /proc of its own in each sandbox, and the kernel allows that only where the one it sees is whole:
  // `unshare --mount-proc` (below) covers this one before Nix starts.
  ...(confinement.as === "builder" ? ["--bind", "/proc", "/proc"] : ["--proc", "/proc"]),
  "--dev",
  "/dev",
  "--size",
  String(confinement.scratchBytes),
  "--tmpfs",
  "/tmp",
  ...confinement.readable.flatMap((path) => ["--ro-bind", path, path]),
  ...confinement.writable.flatMap((path) => ["--bind", path, path]),
]

const privileges: Record<Confinement["as"], ReadonlyArray<string>> = {
  fetcher: ["--unshare-user", "--cap-drop", "ALL"],
  evaluator: ["--cap-drop", "ALL"],
  builder: [],
}

/**
 * The arguments that run `command` so confined. It waits until one byte arrives on file descriptor 3, so that it is
 * in its control group before its first instruction.
 */
export const confine = (
  host: Host,
  confinement: Confinement,
  command: ReadonlyArray<string>,
): ReadonlyArray<string> => [
  ...(confinement.network === null ? [] : ["nsenter", `--net=${confinement.network}`, "--"]),
  ...limits(confinement),
  ...users(confinement.as),
  "bwrap",
  "--block-fd",
  "3",
  "--die-with-parent",
  "--new-session",
  "--unshare-pid",
  "--unshare-ipc",
  "--unshare-uts",
  "--hostname",
  "build",
  ...(confinement.network === null ? ["--unshare-net"] : []),
  ...privileges[confinement.as],
  ...mounts(host, confinement),
  "--chdir",
  "/tmp",
  "--clearenv",
  ...Object.entries({
    PATH: host.path,
    HOME: "/tmp",
    TMPDIR: "/tmp",
    LANG: "C.UTF-8",
    ...confinement.environment,
  })
    .filter(([, value]) => value !== "")
    .flatMap(([name, value]) => ["--setenv", name, value]),
  "--",
  ...(confinement.as === "builder"
    ? ["unshare", "--mount", "--pid", "--fork", "--kill-child=KILL", "--mount-proc", "--"]
    : []),
  ...command,
]
