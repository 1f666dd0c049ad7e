import { execFile } from "node:child_process"
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect, Schedule, type Scope } from "effect"
import type { ChildProcessSpawner } from "effect/process"
import { CannotStart } from "../../dev/CannotStart.ts"
import { removeCgroups } from "../../dev/engine-traces.ts"
import { cgroupOf } from "../../dev/private-engine.ts"
import { launch, type RunningProgram, run } from "../../dev/program.ts"
import { debian, findMirrors } from "./debian.ts"
import { addAddress, type LabNetwork } from "./network.ts"
import { packageProxy } from "./packageProxy.ts"

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A server with Debian 12 and systemd, as it comes from a provider. Debian's packages are all it reaches of the Internet. */
export interface TestServer {
  /** Its address in the lab's network. */
  readonly address: string
  /** This machine's address as the server sees it: listen here for what it shall reach. */
  readonly hostAddress: string
  /** The folder of this machine that is the server's root. */
  readonly root: string
  /** Runs a program there as root; `input` is what it reads. Never rejects: a timeout has code 124. */
  readonly run: (command: ReadonlyArray<string>, options?: RunOptions) => Promise<Ran>
  /** Debian's packages can be had, or nothing answers. */
  readonly setPackages: (reachable: boolean) => void
  /** Starts it anew. Its network is this machine's: rules of the packet filter stay, unlike a real machine's. */
  readonly reboot: Effect.Effect<void, CannotStart>
}

export interface RunOptions {
  readonly input?: string
  /** Seconds; 60 when not given. */
  readonly within?: number
}

/** What systemd-nspawn needs to be told so that a Docker Engine runs inside. */
const nspawnArguments = (root: string, name: string, namespace: string): ReadonlyArray<string> => [
  ...["--quiet", "--boot", "--console=pipe", `--directory=${root}`, `--machine=${name}`],
  // No systemd runs on this machine that could be told of it.
  ...["--register=no", "--keep-unit", "--resolv-conf=off", "--timezone=off", "--link-journal=no"],
  `--network-namespace-path=/run/netns/${namespace}`,
  ...["--capability=all", "--system-call-filter=add_key keyctl bpf"],
]

const programs = ["/usr/bin/systemd-nspawn", "/run/current-system/sw/bin/systemd-nspawn"]

/** The server's systemd: the only child of systemd-nspawn. */
const initOf = ({ pid }: RunningProgram): number =>
  Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ")[0])

const enter = (init: number, command: ReadonlyArray<string>) =>
  [
    "nsenter",
    ...["--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup"],
    ...[`--target=${init}`, "--", "env", "--chdir=/root", "--ignore-environment"],
    ...["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LANG=C.UTF-8"],
    ...command,
  ] as const

const outputMost = 32 * 1024 * 1024

const runInside = (init: number, command: ReadonlyArray<string>, { input = "", within = 60 }: RunOptions) =>
  new Promise<Ran>((resolve) => {
    const [program, ...args] = enter(init, ["timeout", "--kill-after=5", String(within), ...command])
    const child = execFile(program, args, { maxBuffer: outputMost }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
    )
    child.stdin?.on("error", () => undefined)
    child.stdin?.end(input)
  })

/** The kernel's control groups (version 1) are shown to a container read-only; an engine makes groups in them. */
const openCgroups = (init: number) => {
  const hierarchies = readdirSync("/sys/fs/cgroup").filter((name) => name !== "unified" && name !== "systemd")
  return Effect.forEach(hierarchies, (name) =>
    run("nsenter", [
      ...[`--target=${init}`, "--mount", "--cgroup", "--"],
      ...["mount", "-o", "remount,bind,rw,nosuid,nodev,noexec", `/sys/fs/cgroup/${name}`],
    ]).pipe(Effect.ignore),
  )
}

/** Gives the server's systemd when it has booted. What systemd-nspawn starts first is only a step on the way to it. */
const booted = (program: RunningProgram) =>
  Effect.suspend(() => {
    const init = initOf(program)
    return Effect.map(
      Effect.promise(() => runInside(init, ["systemctl", "is-system-running"], {})),
      (ran) => ({ init, ...ran }),
    )
  }).pipe(
    Effect.filterOrFail(
      ({ stdout }) => /^(?:running|degraded)/.test(stdout),
      ({ stdout, stderr }) => stdout.trim() || stderr.trim(),
    ),
    Effect.retry(Schedule.max([Schedule.spaced("100 millis"), Schedule.recurs(600)])),
    Effect.mapError((why) => new CannotStart({ what: "server", why, log: program.tail() })),
    Effect.map(({ init }) => init),
  )

/**
 * Boots a fresh server as machine `index` of a lab's network. Closing the scope shuts it down; its files are removed
 * with the network's. Needs root.
 */
export const makeServer: (
  network: LabNetwork,
  index: number,
) => Effect.Effect<TestServer, CannotStart, Scope.Scope | ChildProcessSpawner.ChildProcessSpawner> =
  Effect.fnUntraced(function* (network: LabNetwork, index: number) {
    const command = programs.find((path) => existsSync(path))
    if (command === undefined)
      return yield* new CannotStart({ what: "server", why: "systemd-nspawn is not installed" })
    const { address, namespace } = yield* addAddress(network, index)
    const name = `w${index + 1}`
    const directory = join(network.directory, name)
    const root = join(directory, "root")
    const proxy = yield* packageProxy(yield* findMirrors, network.address)
    yield* run("mkdir", ["--parents", directory])
    yield* run("cp", ["--archive", "--reflink=auto", yield* debian, root], { within: 120_000 })
    writeFileSync(join(root, "etc/hostname"), `server${index + 1}\n`)
    writeFileSync(join(root, "etc/apt/apt.conf.d/91proxy"), `Acquire::http::Proxy "${proxy.url}";\n`)
    const cgroup = cgroupOf(directory)
    yield* Effect.addFinalizer(() => removeCgroups(cgroup))
    const start = launch({
      name: "server",
      command,
      args: nspawnArguments(root, `server${index + 1}`, namespace),
      inside: [process.execPath, join(import.meta.dirname, "server-cgroups.ts"), "--cgroup", cgroup, "--"],
      // With writable /proc/sys and /sys an engine can set up its networks.
      env: { SYSTEMD_NSPAWN_API_VFS_WRITABLE: "1" },
      log: join(directory, "console.log"),
      stopSignal: "SIGTERM",
      stopWithin: 20_000,
    })
    let program = yield* start
    let init = yield* booted(program)
    yield* openCgroups(init)
    const context = yield* Effect.context<ChildProcessSpawner.ChildProcessSpawner | Scope.Scope>()
    const reboot = Effect.gen(function* () {
      yield* Effect.promise(() => runInside(init, ["systemctl", "reboot"], {}))
      // With --keep-unit systemd-nspawn leaves the start to whoever has started it.
      yield* program.ended.pipe(
        Effect.timeoutOrElse({
          duration: "60 seconds",
          orElse: () =>
            Effect.fail(new CannotStart({ what: "server", why: "it did not go down", log: program.tail() })),
        }),
      )
      program = yield* start
      init = yield* booted(program)
      yield* openCgroups(init)
    }).pipe(Effect.provideContext(context))
    return {
      address,
      hostAddress: network.address,
      root,
      run: (command, options = {}) => runInside(init, command, options),
      setPackages: proxy.setOpen,
      reboot,
    }
  })
