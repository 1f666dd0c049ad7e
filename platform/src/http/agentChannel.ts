import type { IncomingMessage, Server } from "node:http"
import type { Duplex } from "node:stream"
import { messageMaxBytes, protocolVersion } from "@skypanel/contract/AgentProtocol"
import { Cause, Effect, Queue } from "effect"
import { type WebSocket, WebSocketServer } from "ws"
import { type AgentConnection, AgentSessions } from "../fleet/AgentSessions.ts"
import { workerOfToken } from "../store/Workers.ts"

const tokenOf = (request: IncomingMessage): string | null => {
  const offered = (request.headers["sec-websocket-protocol"] ?? "").split(",").map((text) => text.trim())
  const bearer = offered.find((text) => text.startsWith("bearer."))
  return offered.includes(protocolVersion) && bearer !== undefined ? bearer.slice("bearer.".length) : null
}

const refuse = (socket: Duplex, status: string) => {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

const connectionOf = (socket: WebSocket) =>
  Effect.gen(function* () {
    const messages = yield* Queue.dropping<string, Cause.Done>(1_000)
    socket.on("message", (data, binary) => {
      if (binary) socket.close(1003, "text only")
      // An agent that is so far ahead of us has to start anew.
      else if (!Queue.offerUnsafe(messages, data.toString())) socket.close(1013, "too many messages")
    })
    socket.on("close", () => Queue.endUnsafe(messages))
    socket.on("error", () => socket.terminate())
    return {
      send: (text) => socket.readyState === socket.OPEN && socket.send(text),
      close: (reason) => socket.close(1000, reason),
      messages,
    } satisfies AgentConnection
  })

/** Takes agents' connections at `/agent`: the token is checked before there is a WebSocket. */
export const serveAgents = (server: Server) =>
  Effect.gen(function* () {
    const sessions = yield* AgentSessions
    const context = yield* Effect.context<
      Effect.Services<ReturnType<typeof sessions.serve>> | Effect.Services<ReturnType<typeof workerOfToken>>
    >()
    const runFork = Effect.runForkWith(context)
    const upgrader = new WebSocketServer({
      noServer: true,
      maxPayload: messageMaxBytes,
      handleProtocols: () => protocolVersion,
    })
    server.on("upgrade", (request, socket, head) => {
      if (new URL(request.url ?? "/", "http://agent").pathname !== "/agent") return
      const admit = Effect.gen(function* () {
        const token = tokenOf(request)
        const worker = token === null ? null : yield* workerOfToken(token)
        if (worker === null) return refuse(socket, "401 Unauthorized")
        const webSocket = yield* Effect.callback<WebSocket>((resume) =>
          upgrader.handleUpgrade(request, socket, head, (opened) => resume(Effect.succeed(opened))),
        )
        yield* sessions.serve(worker, yield* connectionOf(webSocket))
      })
      runFork(
        admit.pipe(
          Effect.catchCause((cause) =>
            Effect.logWarning("an agent's connection was refused", Cause.squash(cause)).pipe(
              Effect.andThen(Effect.sync(() => refuse(socket, "503 Service Unavailable"))),
            ),
          ),
        ),
      )
    })
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        for (const client of upgrader.clients) {
          client.close(1001, "the platform stops")
          client.terminate()
        }
      }),
    )
  })
