const redirectsMost = 5
const redirects = new Set([301, 302, 303, 307, 308])

/** Where an answer may lead to: never from https to what anybody on the way can change, nor out of HTTP. */
export const mayLead = (from: URL, to: URL): boolean =>
  to.protocol === "https:" || (to.protocol === "http:" && from.protocol === "http:")

/** The answer to a GET, behind whatever redirections; rejects when none comes. */
export const get = async (url: URL, signal: AbortSignal): Promise<Response> => {
  let at = url
  for (let round = 0; round <= redirectsMost; round++) {
    const response = await fetch(at, { redirect: "manual", signal, headers: { "User-Agent": "SkyPanel" } })
    if (!redirects.has(response.status)) return response
    await response.body?.cancel()
    const next = new URL(response.headers.get("Location") ?? "", at)
    if (!mayLead(at, next)) throw new Error(`it redirects from ${at.protocol} to ${next.protocol}`)
    at = next
  }
  throw new Error("it redirects too often")
}

/** The bytes of an answer. Rejects when there are more than `limit`, or when nothing comes for `idleMs`. */
export async function* bytesOf(
  response: Response,
  { limit, idleMs }: { readonly limit: number; readonly idleMs: number },
): AsyncGenerator<Buffer> {
  if (response.body === null) return
  const reader = response.body.getReader()
  // A reader that takes its time with what came is not the server's fault: only waiting counts.
  const next = () => {
    let timer: NodeJS.Timeout | undefined
    const silent = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error("nothing comes any more")), idleMs)
    })
    return Promise.race([reader.read(), silent]).finally(() => clearTimeout(timer))
  }
  let size = 0
  try {
    for (let read = await next(); !read.done; read = await next()) {
      size += read.value.length
      if (size > limit) throw new Error(`it sends more than ${limit} bytes`)
      yield Buffer.from(read.value.buffer, read.value.byteOffset, read.value.length)
    }
  } finally {
    // Also ends the connection when not everything was read.
    void reader.cancel().catch(() => undefined)
  }
}
