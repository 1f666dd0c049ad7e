import { type IncomingMessage, request } from "node:http"
import { connect } from "node:net"
import { Effect } from "effect"

/** What one look at a container's port found, in words for its owner. */
export interface ProbeResult {
  readonly healthy: boolean
  readonly words: string
}

export interface ProbeTarget {
  readonly address: string
  readonly port: number
  /** Null: a TCP connection is enough. */
  readonly healthPath: string | null
  /** The Host header: applications may answer only to their own name. */
  readonly host: string | null
}

const deadlineMs = 2_000

const failure = (error: NodeJS.ErrnoException, port: number): ProbeResult => {
  const words: Record<string, string> = {
    ECONNREFUSED: `connection refused: nothing listens on port ${port}`,
    EHOSTUNREACH: "the container's address cannot be reached",
    ETIMEDOUT: `port ${port} did not answer within ${deadlineMs / 1000} s`,
    ECONNRESET: `port ${port} closed the connection without an answer`,
  }
  return { healthy: false, words: words[error.code ?? ""] ?? `port ${port}: ${error.message}` }
}

const tooLate = (what: string): ProbeResult => ({
  healthy: false,
  words: `${what} did not answer within ${deadlineMs / 1000} s`,
})

const connectTo = ({ address, port }: ProbeTarget) =>
  Effect.callback<ProbeResult>((resume) => {
    const socket = connect({ host: address, port })
    socket.once("connect", () => {
      socket.destroy()
      resume(Effect.succeed({ healthy: true, words: `port ${port} accepts connections` }))
    })
    socket.once("error", (error) => resume(Effect.succeed(failure(error, port))))
    return Effect.sync(() => socket.destroy())
  })

const answerOf = (path: string, status: number): ProbeResult => ({
  healthy: status >= 200 && status < 400,
  words: `GET ${path} answered ${status}`,
})

const get = ({ address, port, host }: ProbeTarget, path: string) =>
  Effect.callback<ProbeResult>((resume) => {
    const asking = request(
      {
        host: address,
        port,
        path,
        agent: false,
        headers: { host: host ?? `${address}:${port}`, "user-agent": "SkyPanel-Probe", accept: "*/*" },
      },
      (response: IncomingMessage) => {
        resume(Effect.succeed(answerOf(path, response.statusCode ?? 0)))
        response.destroy()
      },
    )
    asking.on("error", (error) => resume(Effect.succeed(failure(error, port))))
    asking.end()
    return Effect.sync(() => asking.destroy())
  })

/** Looks once: GET with 2xx or 3xx, or a TCP connection, within two seconds. Never fails. */
export const probe = (target: ProbeTarget): Effect.Effect<ProbeResult> => {
  const { healthPath, port } = target
  return (healthPath === null ? connectTo(target) : get(target, healthPath)).pipe(
    Effect.timeoutOrElse({
      duration: deadlineMs,
      orElse: () => Effect.succeed(tooLate(healthPath === null ? `port ${port}` : `GET ${healthPath}`)),
    }),
  )
}
