import { lookup } from "node:dns/promises"
import { constants } from "node:fs"
import { open, rm } from "node:fs/promises"
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http"
import { connect, type Socket } from "node:net"
import { join } from "node:path"
import type { Duplex } from "node:stream"
import { cacheHost } from "./BuildCache.ts"
import { answerFromCache } from "./CacheGate.ts"
import {
  type Destination,
  type EgressPolicy,
  parseDestination,
  refusesAddress,
  refusesDestination,
} from "./EgressPolicy.ts"

/** What went by, for messages and limits. */
export type EgressEvent =
  | { readonly _tag: "refused"; readonly destination: Destination; readonly reason: string }
  | { readonly _tag: "unreachable"; readonly destination: Destination; readonly reason: string }
  | { readonly _tag: "limit" }

/** The socket's name in its folder. */
export const proxySocket = "socket"

const connectMs = 20_000
const idleMs = 120_000
const connectionsMax = 64
const eventsMax = 100

/** Why there is no connection. `again`: not because of the policy. */
export class Refusal extends Error {
  readonly again: boolean
  constructor(reason: string, again: boolean) {
    super(reason)
    this.again = again
  }
}

/** The proxy behind `openEgressProxy`. */
export class EgressServer {
  policy: EgressPolicy
  received = 0
  readonly events: Array<EgressEvent> = []
  readonly #sockets = new Set<Duplex>()
  readonly #server = createServer((incoming, outgoing) => void this.#plain(incoming, outgoing))

  constructor(policy: EgressPolicy) {
    this.policy = policy
    this.#server.maxConnections = connectionsMax
    this.#server.on("connection", (socket) => this.#track(socket))
    this.#server.on("connect", (incoming, socket, head) => void this.#tunnel(incoming, socket, head))
  }

  /** By way of the folder's descriptor: a socket's own path holds 107 bytes. */
  async listen(folder: string): Promise<void> {
    const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY)
    try {
      await new Promise<void>((resolve, reject) => {
        this.#server.once("error", reject)
        this.#server.listen(
          { path: `/proc/self/fd/${handle.fd}/${proxySocket}`, readableAll: true, writableAll: true },
          resolve,
        )
      })
    } finally {
      await handle.close()
    }
  }

  async close(folder: string): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
    await rm(join(folder, proxySocket), { force: true })
  }

  #track(socket: Duplex): void {
    this.#sockets.add(socket)
    socket.on("error", () => socket.destroy())
    socket.on("close", () => this.#sockets.delete(socket))
  }

  #note(event: EgressEvent): void {
    if (this.events.length < eventsMax) this.events.push(event)
  }

  #count(bytes: number): boolean {
    this.received += bytes
    if (this.received <= this.policy.receivedMax) return true
    if (this.received - bytes <= this.policy.receivedMax) this.#note({ _tag: "limit" })
    return false
  }

  /** The address to connect to; throws `Refusal` when there is none that may be reached. */
  async #resolve(destination: Destination): Promise<string> {
    const refused = refusesDestination(this.policy, destination)
    if (refused !== null) throw this.#refuse(destination, refused)
    const addresses = await lookup(destination.host, { all: true }).catch(() => [])
    if (addresses.length === 0) throw this.#unreachable(destination, "its name is not known")
    const allowed = addresses.find(
      ({ address }) => refusesAddress(this.policy, destination, address) === null,
    )
    if (allowed) return allowed.address
    throw this.#refuse(destination, refusesAddress(this.policy, destination, addresses[0]!.address)!)
  }

  #refuse(destination: Destination, reason: string): Refusal {
    this.#note({ _tag: "refused", destination, reason })
    return new Refusal(reason, false)
  }

  #unreachable(destination: Destination, reason: string): Refusal {
    this.#note({ _tag: "unreachable", destination, reason })
    return new Refusal(reason, true)
  }

  /** For a fetch of our own: a connection that is judged and counted as a build's are. Rejects with the reason. */
  async connect(destination: Destination): Promise<Socket> {
    const upstream = await this.#open(destination)
    upstream.on("data", (chunk: Buffer) => this.#count(chunk.length) || upstream.destroy())
    return upstream
  }

  async #open(destination: Destination): Promise<Socket> {
    const address = await this.#resolve(destination)
    const upstream = connect({ host: address, port: destination.port, timeout: connectMs })
    this.#track(upstream)
    return await new Promise((resolve, reject) => {
      const failed = (reason: string) => {
        upstream.destroy()
        reject(this.#unreachable(destination, reason))
      }
      upstream.once("error", () => failed("it does not answer"))
      upstream.once("timeout", () => failed("it does not answer in time"))
      upstream.once("connect", () => {
        upstream.setTimeout(idleMs, () => upstream.destroy())
        resolve(upstream)
      })
    })
  }

  async #tunnel(incoming: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const destination = parseDestination(incoming.url ?? "")
    if (destination === null) return void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")
    try {
      const upstream = await this.#open(destination)
      if (socket.destroyed) return void upstream.destroy()
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n")
      upstream.write(head)
      upstream.on("data", (chunk: Buffer) => this.#count(chunk.length) || upstream.destroy())
      upstream.pipe(socket).pipe(upstream)
      upstream.on("close", () => socket.destroy())
      socket.on("close", () => upstream.destroy())
    } catch (error) {
      socket.end(`HTTP/1.1 ${error instanceof Refusal ? 403 : 502} Refused\r\nConnection: close\r\n\r\n`)
    }
  }

  async #plain(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const url = URL.canParse(incoming.url ?? "") ? new URL(incoming.url!) : null
    const destination =
      url?.protocol === "http:"
        ? parseDestination(`${url.hostname}:${url.port === "" ? 80 : url.port}`)
        : null
    if (url === null || destination === null) return void outgoing.writeHead(400).end()
    const { cache } = this.policy
    if (cache !== null && url.host === cacheHost)
      return answerFromCache(cache, `${url.pathname}${url.search}`, incoming, outgoing, (n) => this.#count(n))
    try {
      const upstream = await this.#open(destination)
      const headers = { ...incoming.headers, connection: "close" }
      delete (headers as Record<string, unknown>)["proxy-connection"]
      const forwarded = request({
        createConnection: () => upstream,
        method: incoming.method,
        path: `${url.pathname}${url.search}`,
        headers,
      })
      forwarded.on("error", () => outgoing.destroy())
      forwarded.on("response", (response) => {
        outgoing.writeHead(response.statusCode ?? 502, response.headers)
        response.on("data", (chunk: Buffer) => this.#count(chunk.length) || outgoing.destroy())
        // An answer that was cut off must not look like one that is still coming.
        response.on("error", () => outgoing.destroy())
        response.on("close", () => response.complete || outgoing.destroy())
        response.pipe(outgoing)
      })
      outgoing.on("close", () => upstream.destroy())
      incoming.pipe(forwarded)
    } catch (error) {
      outgoing.writeHead(error instanceof Refusal ? 403 : 502, { connection: "close" }).end()
    }
  }
}
