import { createHash } from "node:crypto"
import { Effect, Schema } from "effect"

export class DownloadFailed extends Schema.TaggedError<DownloadFailed>()("DownloadFailed", {
  url: Schema.String,
  reason: Schema.String,
}) {
  override get message() {
    return `${this.url}: ${this.reason}`
  }
}

const bytesMost = 16 * 1024 * 1024
const deadline = "2 minutes"

const bytesOf = async (response: Response): Promise<Buffer> => {
  if (!response.ok || response.body === null) throw new Error(`the platform answers ${response.status}`)
  const pieces: Array<Uint8Array> = []
  let size = 0
  for await (const piece of response.body) {
    size += piece.length
    if (size > bytesMost) throw new Error(`it is larger than ${bytesMost} bytes`)
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}

/** The bundle of this hash from the platform; whatever has another hash is none. */
export const downloadBundle = (controlPlane: URL, sha256: string): Effect.Effect<Buffer, DownloadFailed> => {
  const url = new URL(`/install/agent/${sha256}.mjs`, controlPlane)
  const failed = (reason: string) => new DownloadFailed({ url: url.href, reason })
  return Effect.tryPromise({
    try: async (signal) => bytesOf(await fetch(url, { redirect: "error", signal })),
    catch: (error) => failed((error as Error).message),
  }).pipe(
    Effect.timeoutOrElse({
      duration: deadline,
      orElse: () => Effect.fail(failed(`it was not there within ${deadline}`)),
    }),
    Effect.filterOrFail(
      (bytes) => createHash("sha256").update(bytes).digest("hex") === sha256,
      () => failed("what came has another hash"),
    ),
  )
}
