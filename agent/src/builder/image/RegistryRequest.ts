import { type IncomingHttpHeaders, type IncomingMessage, request } from "node:http"
import { connect as connectTls } from "node:tls"
import { Data } from "effect"
import { type Destination, destinationOf, parseDestination } from "../EgressPolicy.ts"
import type { EgressProxy } from "../EgressProxy.ts"
import { Refusal } from "../EgressServer.ts"

/** The registry did not answer, or with something that is no answer. `again`: it may next time. */
export class RegistryFailed extends Data.TaggedError("RegistryFailed")<{
  readonly detail: string
  readonly again: boolean
}> {}

export interface RegistryAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** Who answered: after redirects, another than was asked. */
  readonly origin: string
  /** Read it to its end, or destroy it. */
  readonly body: IncomingMessage
}

export type Method = "GET" | "HEAD"

/** How a registry is reached: judged by the build's egress policy, and by whom this machine trusts. */
export interface Way {
  readonly connect: EgressProxy["connect"]
  /** Certificates of those who are trusted. */
  readonly authorities: string
}

const answerMs = 30_000
const idleMs = 60_000
const redirectsMost = 5
const redirects = new Set([301, 302, 303, 307, 308])

const open = async (
  { connect, authorities }: Way,
  url: URL,
  destination: Destination,
  signal: AbortSignal,
) => {
  const socket = await connect(destination)
  const abort = () => void socket.destroy()
  signal.addEventListener("abort", abort, { once: true })
  socket.once("close", () => signal.removeEventListener("abort", abort))
  if (signal.aborted) abort()
  if (url.protocol === "http:") return socket
  const servername = /[:]|^[\d.]+$/.test(destination.host) ? {} : { servername: destination.host }
  const tls = connectTls({
    socket,
    host: destination.host,
    ...servername,
    ca: authorities,
    ALPNProtocols: ["http/1.1"],
  })
  await new Promise<void>((resolve, reject) => {
    tls.setTimeout(answerMs, () => tls.destroy(new Error("TLS was not spoken in time")))
    tls.once("secureConnect", () => {
      tls.setTimeout(0)
      resolve()
    })
    tls.once("close", () => reject(new Error("the connection ended")))
    tls.once("error", reject)
  })
  return tls
}

const once = async (
  way: Way,
  method: Method,
  url: URL,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<RegistryAnswer> => {
  const destination = parseDestination(destinationOf(url.href))
  if (destination === null) throw new RegistryFailed({ detail: "it leads to no host", again: false })
  const socket = await open(way, url, destination, signal).catch((cause: unknown) => {
    const again = !(cause instanceof Refusal) || cause.again
    throw new RegistryFailed({ detail: `${url.host}: ${(cause as Error).message}`, again })
  })
  return await new Promise((resolve, reject) => {
    const failed = (cause: Error) => {
      socket.destroy()
      reject(new RegistryFailed({ detail: `${url.host}: ${cause.message}`, again: true }))
    }
    const asking = request({
      createConnection: () => socket,
      method,
      path: `${url.pathname}${url.search}`,
      headers: { host: url.host, connection: "close", "user-agent": "skypanel", ...headers },
      maxHeaderSize: 32 * 1024,
      signal,
    })
    asking.setTimeout(answerMs, () => asking.destroy(new Error("it does not answer in time")))
    asking.once("error", failed)
    asking.once("response", (body) => {
      asking.setTimeout(idleMs, () => asking.destroy(new Error("nothing came for a minute")))
      // Whoever reads it hears of it by the stream; nobody may.
      body.on("error", () => socket.destroy())
      body.once("close", () => socket.destroy())
      resolve({ status: body.statusCode ?? 0, headers: body.headers, origin: url.origin, body })
    })
    asking.end()
  })
}

/**
 * Asks and follows redirects, each to where the policy lets a build. What proves who asks goes to the first origin only,
 * and nothing leads from https to http.
 */
export const ask = async (
  way: Way,
  href: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
  method: Method = "GET",
): Promise<RegistryAnswer> => {
  const first = new URL(href)
  let url = first
  for (let hops = 0; ; hops++) {
    const { authorization, ...others } = headers
    const own = authorization !== undefined && url.origin === first.origin ? { authorization } : {}
    const answer = await once(way, method, url, { ...others, ...own }, signal)
    if (!redirects.has(answer.status)) return answer
    answer.body.destroy()
    const to = answer.headers.location ?? ""
    if (!URL.canParse(to, url.href))
      throw new RegistryFailed({ detail: "it redirects to nowhere", again: false })
    const next = new URL(to, url.href)
    if (next.protocol !== "https:" && !(next.protocol === "http:" && url.protocol === "http:"))
      throw new RegistryFailed({ detail: `it redirects to ${next.protocol}//`, again: false })
    if (hops === redirectsMost) throw new RegistryFailed({ detail: "it redirects without end", again: false })
    url = next
  }
}

/** The whole answer as text. Fails when it is longer than that, or no text. */
export const readText = async ({ body }: RegistryAnswer, bytesMax: number): Promise<string> => {
  const pieces: Array<Buffer> = []
  let size = 0
  try {
    for await (const bytes of body as AsyncIterable<Buffer>) {
      size += bytes.length
      if (size > bytesMax)
        throw new RegistryFailed({ detail: `its answer is longer than ${bytesMax} bytes`, again: false })
      pieces.push(bytes)
    }
  } catch (cause) {
    if (cause instanceof RegistryFailed) throw cause
    throw new RegistryFailed({ detail: "its answer broke off", again: true })
  } finally {
    body.destroy()
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.concat(pieces))
  } catch {
    throw new RegistryFailed({ detail: "its answer is no text", again: false })
  }
}
