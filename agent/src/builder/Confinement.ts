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
  /** File with the certificates of the authorities that are trusted, wherever it is. */
  readonly certificates: string
}

/** Where every program finds it. */
export const certificatesFile = "/etc/certificates"

/** A file or folder of the machine, and where it is inside. */
export interface Bind {
  readonly from: string
  readonly to: string
}

export const samePath = (path: string): Bind => ({ from: path, to: path })

export interface UserNamespace {
  /** Such as `/proc/123/ns/user`. */
  readonly path: string
  /** The folder inside where a container engine has its layers: it mounts them once more, with flags of its own. */
  readonly layers: string
}

export interface Confinement {
  /**
   * `fetcher` is an unprivileged user; `evaluator` owns the store but has no capability; `builder` makes sandboxes;
   * `images` is root in a user namespace (`users`) and nobody outside of it.
   */
  readonly as: "fetcher" | "evaluator" | "builder" | "images"
  /** The network namespace to run in, such as `/proc/123/ns/net`; null is a new one with nothing in it. */
  readonly network: string | null
  /** What is the Nix store, where that is not the machine's own; programs and materials are shown in it. */
  readonly store?: ReadonlyArray<Bind>
  /** Of `images`. */
  readonly users?: UserNamespace
  readonly writable: ReadonlyArray<Bind>
  readonly readable: ReadonlyArray<Bind>
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

/** What runs the command inside: as another user, or with a /proc of its own (see `mounts`). */
const inside = ({ as, users }: Confinement): ReadonlyArray<string> =>
  as === "images" ? asRootOf(users!) : commands[as]

/**
 * With mounts, processes and control groups of its own; the mounts that are there it can neither change nor undo.
 * bubblewrap's flags would be locked with them. Nothing is lost: whoever is inside can make no device, and a program
 * with another user's rights is one of a user inside.
 */
const asRootOf = ({ path, layers }: UserNamespace): ReadonlyArray<string> => [
  ...["sh", "-c", 'mount -o remount,bind,suid,dev "$0" && exec "$@"', layers],
  ...["nsenter", `--user=${path}`, "--setuid=0", "--setgid=0", "--"],
  ...["unshare", "--cgroup", "--mount", "--pid", "--fork", "--kill-child=KILL", "--mount-proc", "--"],
]

const commands: Record<Exclude<Confinement["as"], "images">, ReadonlyArray<string>> = {
  fetcher: [
    "setpriv",
    `--reuid=${fetcherId}`,
    `--regid=${fetcherId}`,
    "--clear-groups",
    "--bounding-set=-all",
    "--no-new-privs",
    "--",
  ],
  evaluator: [],
  builder: ["unshare", "--mount", "--pid", "--fork", "--kill-child=KILL", "--mount-proc", "--"],
}

/** Folders that things are mounted in; bubblewrap would make them for root only, and a fetch is another user. */
const parents = ["/etc", "/nix", "/nix/store"]

const mounts = (host: Host, confinement: Confinement): ReadonlyArray<string> => [
  ...parents.flatMap((path) => ["--dir", path]),
  ...(confinement.store ?? []).flatMap(({ from, to }) => ["--bind", from, to]),
  ...host.system.flatMap(({ path, link }) =>
    link === null ? ["--ro-bind", path, path] : ["--symlink", link, path],
  ),
  ...["passwd", "group", "hosts"].flatMap((name) => ["--ro-bind", `${host.names}/${name}`, `/etc/${name}`]),
  ...["--ro-bind-try", host.certificates, certificatesFile],
  // Nix and runc mount a /proc of their own in each sandbox, and the kernel allows that only where the one it sees is
  // whole: `unshare --mount-proc` (below) covers this one before they start.
  ...(confinement.as === "builder" || confinement.as === "images"
    ? ["--bind", "/proc", "/proc"]
    : ["--proc", "/proc"]),
  // An engine's own, to mount something on: nobody inside may make a folder here.
  ...(confinement.as === "images"
    ? ["/sys/fs/cgroup", "/run/docker", "/etc/docker"].flatMap((path) => ["--dir", path])
    : []),
  "--dev",
  "/dev",
  "--perms",
  "1777",
  "--size",
  String(confinement.scratchBytes),
  "--tmpfs",
  "/tmp",
  ...confinement.readable.flatMap(({ from, to }) => ["--ro-bind", from, to]),
  ...confinement.writable.flatMap(({ from, to }) => ["--bind", from, to]),
]

const keep = (...capabilities: ReadonlyArray<string>) => [
  "--cap-drop",
  "ALL",
  ...capabilities.flatMap((capability) => ["--cap-add", capability]),
]

const privileges: Record<Confinement["as"], ReadonlyArray<string>> = {
  // To become the other user; that one has none.
  fetcher: keep("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"),
  // It reads what the fetcher has written, whatever the modes are; its mounts hold nothing else.
  evaluator: keep("CAP_DAC_READ_SEARCH"),
  builder: [],
  // To enter the user namespace, which takes them away.
  images: [],
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
  ...inside(confinement),
  ...command,
]
