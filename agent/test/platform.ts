import { createServer, type IncomingMessage } from "node:http"
import type { AddressInfo } from "node:net"
import {
  type Down,
  Envelope,
  Identify,
  protocolVersion,
  pulse,
  type Up,
  type Welcome,
} from "@skypanel/contract/AgentProtocol"
import type { WorkerId, WorkerKeyId } from "@skypanel/contract/Id"
import { identificationText, welcomeText } from "@skypanel/contract/WorkerIdentity"
import { Effect, Schema } from "effect"
import { type WebSocket, WebSocketServer } from "ws"
import { identityFiles, type WorkerIdentity } from "../src/identity/IdentityFile.ts"
import { isSignedBy, makeKeyPair, makeNonce, signText } from "../src/identity/KeyPair.ts"

const decode = Schema.decodeUnknownSync(Schema.fromJsonString(Envelope))
const decodeIdentify = Schema.decodeUnknownSync(Schema.fromJsonString(Identify))

/** One connection of an agent, as the platform's end sees it. */
export interface AgentConnection {
  readonly request: IncomingMessage
  /** Everything it has said since it was let in; each checked against the contract, and for its number. */
  readonly said: Array<Up>
  readonly pulses: { count: number }
  readonly closed: { code: number | null }
  readonly send: (message: Down) => void
  readonly sendRaw: (data: string | Buffer) => void
  readonly close: () => void
}

const platformKey = makeKeyPair()
const worker = makeKeyPair()
const workerId = `wrk_${"0".repeat(24)}` as WorkerId
const keyId = `key_${"0".repeat(24)}` as WorkerKeyId

/** How the platform's end behaves; a test may change it between connections. */
export interface Behaviour {
  heartbeatMs: number
  pulseMs: number
  keyAgeSeconds: number
  /** Answers pulses. */
  answersPulses: boolean
  /** Signs its welcome with another key. */
  impostor: boolean
  /** Lets nobody in. */
  refusal: Extract<Down, { _tag: "refused" }> | null
}

const greet = (socket: WebSocket, nonce: string, text: string, publicKey: string, behaviour: Behaviour) => {
  const told = decodeIdentify(text)
  const proof = identificationText({
    platformNonce: nonce,
    workerNonce: told.nonce,
    workerId: told.workerId,
    keyId: told.keyId,
    protocol: socket.protocol,
  })
  if (!isSignedBy(publicKey, proof, told.signature)) throw new Error("the worker does not prove who it is")
  if (behaviour.refusal !== null) {
    socket.send(JSON.stringify(behaviour.refusal))
    socket.close(4401)
    return null
  }
  const session = makeNonce()
  const signed = welcomeText({ platformNonce: nonce, workerNonce: told.nonce, workerId, session })
  const { heartbeatMs, pulseMs, keyAgeSeconds } = behaviour
  const welcome: Welcome = {
    _tag: "welcome",
    workerId,
    name: "test",
    session,
    signature: signText(behaviour.impostor ? makeKeyPair() : platformKey, signed),
    heartbeatMs,
    pulseMs,
    keyAgeSeconds,
  }
  socket.send(JSON.stringify(welcome))
  return session
}

const connectionOf = (
  socket: WebSocket,
  request: IncomingMessage,
  publicKey: string,
  behaviour: Behaviour,
): AgentConnection => {
  const said: Array<Up> = []
  const closed = { code: null as number | null }
  const pulses = { count: 0 }
  const nonce = makeNonce()
  let session: string | null = null
  socket.on("message", (data) => {
    const text = data.toString()
    if (session === null) session = greet(socket, nonce, text, publicKey, behaviour)
    else if (text === pulse) {
      pulses.count += 1
      if (behaviour.answersPulses) socket.send(pulse)
    } else {
      const envelope = decode(text)
      if (envelope.session !== session || envelope.seq !== said.length + 1)
        throw new Error(`message ${envelope.seq} came after ${said.length}`)
      said.push(envelope.message)
    }
  })
  socket.on("close", (code) => {
    closed.code = code
  })
  socket.on("error", () => undefined)
  socket.send(JSON.stringify({ _tag: "challenge", nonce, protocols: [protocolVersion] } satisfies Down))
  return {
    request,
    said,
    pulses,
    closed,
    send: (message) => socket.send(JSON.stringify(message)),
    sendRaw: (data) => socket.send(data),
    close: () => socket.close(1012),
  }
}

/**
 * The platform's end of the channel, over a real WebSocket: it lets in the worker whose identity `identity` wrote, only
 * listens then, and says what a test tells it to. `host`: the address of this machine that the agent reaches it at.
 */
export const startChannel = async (port = 0, host = "127.0.0.1") => {
  const connections: Array<AgentConnection> = []
  const behaviour: Behaviour = {
    heartbeatMs: 60_000,
    pulseMs: 1_000,
    keyAgeSeconds: 0,
    answersPulses: true,
    impostor: false,
    refusal: null,
  }
  const server = createServer()
  const upgrader = new WebSocketServer({ noServer: true, handleProtocols: () => protocolVersion })
  let refusing = false
  let refused = 0
  let known = worker.publicKey
  server.on("upgrade", (request, socket, head) => {
    if (refusing) {
      refused += 1
      return socket.end("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    }
    upgrader.handleUpgrade(request, socket, head, (opened) => {
      connections.push(connectionOf(opened, request, known, behaviour))
    })
  })
  await new Promise<void>((resolve) => server.listen(port, host, resolve))
  return {
    url: new URL(`http://${host}:${(server.address() as AddressInfo).port}`),
    port: (server.address() as AddressInfo).port,
    connections,
    behaviour,
    /** Writes the identity of a worker that this platform knows. */
    identity: async (dataFolder: string, pair = worker) => {
      known = pair.publicKey
      const identity: WorkerIdentity = {
        workerId,
        keyId,
        name: "test",
        platformKey: platformKey.publicKey,
        ...pair,
        tokenHash: "",
      }
      await Effect.runPromise(identityFiles(dataFolder).keep(identity))
      return pair
    },
    know: (publicKey: string) => {
      known = publicKey
    },
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
