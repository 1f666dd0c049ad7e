import { createServer, type IncomingMessage } from "node:http"
import type { AddressInfo } from "node:net"
import { type Down, protocolVersion, Up } from "@skypanel/contract/AgentProtocol"
import type { WorkerId } from "@skypanel/contract/Id"
import { Schema } from "effect"
import { type WebSocket, WebSocketServer } from "ws"

const decode = Schema.decodeUnknownSync(Schema.fromJsonString(Up))

/** One connection of an agent, as the platform's end sees it. */
export interface AgentConnection {
  readonly request: IncomingMessage
  /** Everything it has said; each checked against the contract. */
  readonly said: Array<Up>
  readonly closed: { code: number | null }
  readonly send: (message: Down) => void
  readonly sendRaw: (data: string | Buffer) => void
  readonly close: () => void
}

export const welcome: Down = {
  _tag: "welcome",
  workerId: `wrk_${"0".repeat(24)}` as WorkerId,
  heartbeatMs: 60_000,
}

const connectionOf = (socket: WebSocket, request: IncomingMessage): AgentConnection => {
  const said: Array<Up> = []
  const closed = { code: null as number | null }
  socket.on("message", (data) => said.push(decode(data.toString())))
  socket.on("close", (code) => {
    closed.code = code
  })
  socket.on("error", () => undefined)
  return {
    request,
    said,
    closed,
    send: (message) => socket.send(JSON.stringify(message)),
    sendRaw: (data) => socket.send(data),
    close: () => socket.close(1012),
  }
}

/** The platform's end of the channel, over a real WebSocket: it only listens, and says what a test tells it to. */
export const startChannel = async (port = 0) => {
  const connections: Array<AgentConnection> = []
  const server = createServer()
  const upgrader = new WebSocketServer({ noServer: true, handleProtocols: () => protocolVersion })
  let refusing = false
  let refused = 0
  server.on("upgrade", (request, socket, head) => {
    if (refusing) {
      refused += 1
      return socket.end("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    }
    upgrader.handleUpgrade(request, socket, head, (opened) => {
      connections.push(connectionOf(opened, request))
    })
  })
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve))
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    port: (server.address() as AddressInfo).port,
    connections,
    refuse: (now: boolean) => {
      refusing = now
    },
    refused: () => refused,
    stop: () =>
      new Promise<void>((resolve) => {
        for (const client of upgrader.clients) client.terminate()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
