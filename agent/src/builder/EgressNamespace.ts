import { spawn } from "node:child_process"
import { readFile } from "node:fs/promises"
import { setTimeout as wait } from "node:timers/promises"
import { Effect, type Scope } from "effect"
import { descendants } from "./ConfinedProcess.ts"
import { proxySocket } from "./EgressServer.ts"

/** The proxy's address inside a build's network. */
export const proxyPort = 3128
export const proxyUrl = `http://127.0.0.1:${proxyPort}`
const listening = new RegExp(
  `^\\s*\\d+: 0100007F:${proxyPort.toString(16).toUpperCase().padStart(4, "0")} \\S+ 0A `,
  "m",
)

/** A new network namespace that holds loopback and a listener which hands every connection to the proxy's socket. */
export interface EgressNamespace {
  /** For `Confinement.network`. */
  readonly path: string
}

const bridge = (folder: string) => [
  "--die-with-parent",
  "--unshare-net",
  "--unshare-pid",
  "--ro-bind",
  "/",
  "/",
  "--dev",
  "/dev",
  "--proc",
  "/proc",
  "--tmpfs",
  "/tmp",
  "--bind",
  folder,
  "/tmp/egress",
  "--cap-drop",
  "ALL",
  "--",
  "socat",
  `TCP-LISTEN:${proxyPort},bind=127.0.0.1,reuseaddr,fork,max-children=64,backlog=64`,
  `UNIX-CONNECT:/tmp/egress/${proxySocket}`,
]

const ready = async (pid: number): Promise<string> => {
  for (let round = 0; round < 500; round++) {
    for (const candidate of (await descendants(pid)).slice(1)) {
      const sockets = await readFile(`/proc/${candidate}/net/tcp`, "utf8").catch(() => "")
      if (listening.test(sockets)) return `/proc/${candidate}/ns/net`
    }
    await wait(10)
  }
  throw new Error("the build's network did not come up within 5 s")
}

/** Lives as long as the scope; the namespace is gone with its last process, also when the agent is killed. */
export const openEgressNamespace = (folder: string): Effect.Effect<EgressNamespace, never, Scope.Scope> =>
  Effect.gen(function* () {
    const child = yield* Effect.acquireRelease(
      Effect.promise(
        () =>
          new Promise<ReturnType<typeof spawn>>((resolve, reject) => {
            const started = spawn("bwrap", bridge(folder), { stdio: "ignore", detached: true, cwd: "/" })
            started.once("error", reject)
            started.once("spawn", () => resolve(started))
          }),
      ),
      (started) =>
        Effect.promise(async () => {
          if (started.exitCode !== null || started.signalCode !== null) return
          const closed = new Promise<void>((resolve) => started.once("close", () => resolve()))
          started.kill("SIGKILL")
          await closed
        }),
    )
    return { path: yield* Effect.promise(() => ready(child.pid!)) }
  })
