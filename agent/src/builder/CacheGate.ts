import type { IncomingMessage, ServerResponse } from "node:http"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import type { ReadableStream } from "node:stream/web"
import type { BuildCache } from "./BuildCache.ts"

const cacheInfo = "StoreDir: /nix/store\nWantMassQuery: 1\nPriority: 30\n"
/** All that a binary cache has, and all of the platform that a build reaches. */
const narInfoName = /^[0-9a-z]{32}\.narinfo$/
const narName = /^nar\/[0-9a-z]{32,85}(-[0-9a-z]{52})?\.nar\.zst$/

const narInfoMs = 10_000
/** How long a platform that does not answer is waited for where Nix would give up: it may be starting. */
const patienceMs = 60_000
const pauseMs = 500

const ask = (cache: BuildCache, name: string, incoming: IncomingMessage, signal: AbortSignal) => {
  const { range } = incoming.headers
  return fetch(new URL(name, cache.url), {
    method: incoming.method!,
    redirect: "error",
    signal,
    headers: { Authorization: cache.authorization, ...(range === undefined ? {} : { Range: range }) },
  })
}

/** Nix takes whatever goes wrong here for the end of the build: then the path is not there, and gets built. */
const askForNarInfo = (cache: BuildCache, name: string, incoming: IncomingMessage, signal: AbortSignal) =>
  ask(cache, name, incoming, AbortSignal.any([signal, AbortSignal.timeout(narInfoMs)])).catch(() => null)

const askForNar = async (
  cache: BuildCache,
  name: string,
  incoming: IncomingMessage,
  signal: AbortSignal,
): Promise<Response | null> => {
  const until = Date.now() + patienceMs
  for (;;) {
    const response = await ask(cache, name, incoming, signal).catch(() => null)
    if (response !== null && response.status < 500) return response
    await response?.body?.cancel()
    if (signal.aborted || Date.now() > until) return null
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
}

const passedOn = ["content-type", "content-length", "content-range", "accept-ranges"]

const send = async (
  response: Response,
  outgoing: ServerResponse,
  count: (bytes: number) => boolean,
): Promise<void> => {
  for (const name of passedOn) {
    const value = response.headers.get(name)
    if (value !== null) outgoing.setHeader(name, value)
  }
  outgoing.writeHead(response.status)
  if (response.body === null) return void outgoing.end()
  const body = Readable.fromWeb(response.body as ReadableStream)
  body.on("data", (bytes: Buffer) => count(bytes.length) || outgoing.destroy())
  // An answer that was cut off must not look like one that is whole.
  await pipeline(body, outgoing).catch(() => outgoing.destroy())
}

/** Answers a request of a build's Nix to the platform's binary cache. `count` is told of the bytes, and says when to stop. */
export const answerFromCache = async (
  cache: BuildCache,
  path: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  count: (bytes: number) => boolean,
): Promise<void> => {
  const name = path.slice(1)
  if (incoming.method !== "GET" && incoming.method !== "HEAD") return void outgoing.writeHead(403).end()
  if (name === "nix-cache-info") return void outgoing.end(cacheInfo)
  const isNarInfo = narInfoName.test(name)
  if (!isNarInfo && !narName.test(name)) return void outgoing.writeHead(403).end()
  const leaving = new AbortController()
  outgoing.once("close", () => leaving.abort())
  const asked = (isNarInfo ? askForNarInfo : askForNar)(cache, name, incoming, leaving.signal)
  const response = await asked
  if (response !== null && (response.ok || !isNarInfo)) return send(response, outgoing, count)
  await response?.body?.cancel()
  outgoing.writeHead(isNarInfo ? 404 : 503).end()
}
