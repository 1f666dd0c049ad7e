import type { IncomingMessage, Server } from "node:http"
import { messageMaxBytes, protocolVersions, pulse } from "@skypanel/contract/AgentProtocol"
import { type Cause, Effect, Queue } from "effect"
import { type WebSocket, WebSocketServer } from "ws"
import type { AgentConnection } from "../fleet/AgentConnection.ts"
import { AgentSessions, type SessionNeeds } from "../fleet/AgentSessions.ts"

/** Messages that wait to be handled. An agent that is further ahead of us has to start anew. */
const waitingMost = 1_000
const closeMs = 2_000

const connectionOf = (socket: WebSocket, request: IncomingMessage) =>
  Effect.gen(function* () {
    const messages = yield* Queue.dropping<string, Cause.Done>(waitingMost)
    const connection: AgentConnection = {
      protocol: socket.protocol,
      from: request.socket.remoteAddress ?? "unknown",
      send: (text) => socket.readyState === socket.OPEN && socket.send(text),
      close: (code, reason) => {
        socket.close(code, reason.slice(0, 120))
        // One that does not answer that either may be gone; what is to be sent to it would pile up.
        setTimeout(() => socket.terminate(), closeMs).unref()
      },
      messages,
      onFrame: () => undefined,
    }
    socket.on("message", (data, binary) => {
      if (binary) return socket.close(1003, "text only")
      const text = data.toString()
      connection.onFrame()
      // Answered at once, whatever else is to be done: it says that we are here.
      if (text === pulse) return connection.send(pulse)
      if (!Queue.offerUnsafe(messages, text)) socket.close(1013, "too many messages")
    })
    socket.on("close", () => Queue.endUnsafe(messages))
    socket.on("error", () => socket.terminate())
    return connection
  })

/** The first that both speak; what none of us speaks is taken too, to be refused in words. */
const choose = (offered: ReadonlySet<string>): string | false =>
  protocolVersions.find((version) => offered.has(version)) ?? [...offered][0] ?? false

/** Takes agents' connections at `/agent`. Who they are, they show in their first message. */
export const serveAgents = (server: Server) =>
  Effect.gen(function* () {
    const sessions = yield* AgentSessions
    const runFork = Effect.runForkWith(yield* Effect.context<SessionNeeds>())
    const upgrader = new WebSocketServer({
      noServer: true,
      maxPayload: messageMaxBytes,
      handleProtocols: choose,
    })
    server.on("upgrade", (request, socket, head) => {
      if (new URL(request.url ?? "/", "http://agent").pathname !== "/agent") return
      upgrader.handleUpgrade(request, socket, head, (opened) => {
        runFork(Effect.flatMap(connectionOf(opened, request), sessions.serve))
      })
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
