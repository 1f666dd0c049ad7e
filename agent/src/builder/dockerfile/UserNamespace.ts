import { spawn } from "node:child_process"
import { writeFile } from "node:fs/promises"
import { Effect, type Scope } from "effect"

/**
 * Who is root in an image's build is the first of so many users of this machine that nobody else is. They are the same
 * in every build: what is kept for the next build of a service is theirs.
 */
export const imageUsers = { first: 2_000_000_000, count: 65_536 } as const

const map = `0 ${imageUsers.first} ${imageUsers.count}\n`

/** A user namespace for `Confinement.users`; null where the kernel gives none. */
export const openUserNamespace: Effect.Effect<string | null, never, Scope.Scope> = Effect.gen(function* () {
  // It holds the namespace, and ends by itself with the agent: then it has read all there is.
  const holder = yield* Effect.acquireRelease(
    Effect.sync(() => {
      const child = spawn("unshare", ["--user", "cat"], { stdio: ["pipe", "pipe", "ignore"], cwd: "/" })
      child.on("error", () => undefined)
      child.stdin.on("error", () => undefined)
      return child
    }),
    (child) => Effect.sync(() => void child.kill("SIGKILL")),
  )
  return yield* Effect.promise(async () => {
    // Whoever answers is in the namespace.
    const answered = new Promise<boolean>((resolve) => {
      holder.once("close", () => resolve(false))
      holder.once("error", () => resolve(false))
      holder.stdout.once("data", () => resolve(true))
    })
    holder.stdin.write("?")
    if (!(await answered)) return null
    await writeFile(`/proc/${holder.pid}/uid_map`, map)
    await writeFile(`/proc/${holder.pid}/gid_map`, map)
    return `/proc/${holder.pid}/ns/user`
  })
})
