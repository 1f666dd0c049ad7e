import { readdirSync, readFileSync, readlinkSync } from "node:fs"
import { createServer } from "node:net"
import { Effect } from "effect"
import { CannotStart } from "./CannotStart.ts"

/** Listens for a moment; gives the port that was got (a free one for 0). */
const tryPort = (port: number, host: string) =>
  Effect.callback<number, NodeJS.ErrnoException>((resume) => {
    const server = createServer()
    server.once("error", (error) => resume(Effect.fail(error)))
    server.listen({ port, host, exclusive: true }, () => {
      const got = (server.address() as { port: number }).port
      server.close(() => resume(Effect.succeed(got)))
    })
  })

/** A port of the loopback address that nobody listens on now. */
export const freePort: Effect.Effect<number> = Effect.orDie(tryPort(0, "127.0.0.1"))

const socketsOf = (pid: string): ReadonlyArray<string> => {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`)
      } catch {
        return ""
      }
    })
  } catch {
    return []
  }
}

/** The program that listens on a TCP port here, as `name (process 123)`; undefined when we may not know. */
export const listenerOf = (port: number): string | undefined => {
  const hex = `:${port.toString(16).toUpperCase().padStart(4, "0")}`
  const inodes = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((table) => {
    try {
      return readFileSync(table, "utf8")
        .split("\n")
        .map((line) => line.trim().split(/\s+/))
        .filter((fields) => fields[1]?.endsWith(hex) && fields[3] === "0A") // 0A is LISTEN
        .map((fields) => `socket:[${fields[9]}]`)
    } catch {
      return []
    }
  })
  if (inodes.length === 0) return undefined
  const pid = readdirSync("/proc").find(
    (name) => /^\d+$/.test(name) && socketsOf(name).some((socket) => inodes.includes(socket)),
  )
  return pid && `${readFileSync(`/proc/${pid}/comm`, "utf8").trim()} (process ${pid})`
}

/** Fails when we could not listen on the port, saying which setting names it and who has it. */
export const ensurePortFree = (port: number, setting: string, host = "0.0.0.0") =>
  tryPort(port, host).pipe(
    Effect.mapError((error) => {
      const holder = error.code === "EADDRINUSE" ? listenerOf(port) : undefined
      const why =
        error.code === "EADDRINUSE"
          ? `is taken${holder ? ` by ${holder}` : ""}`
          : error.code === "EACCES"
            ? "may not be opened by this user"
            : `cannot be opened (${error.message})`
      return new CannotStart({
        what: `Port ${port}`,
        why,
        remedy: `end that program, or set ${setting} in .env to another port`,
      })
    }),
    Effect.asVoid,
  )
