import { isIP } from "node:net"
import type { Transform } from "node:stream"
import { constants, createGzip, createZstdCompress } from "node:zlib"

export type ContentEncoding = "zstd" | "gzip"

const chunkSize = 256 * 1024

/** Of a layer; less is not worth beginning. */
export const leastBytes = 16 * 1024

/** Their fastest levels: what is saved on the way must not be spent here. */
export const compressors: Record<ContentEncoding, () => Transform> = {
  zstd: () => createZstdCompress({ chunkSize, params: { [constants.ZSTD_c_compressionLevel]: 1 } }),
  gzip: () => createGzip({ chunkSize, level: 1 }),
}

/** The best of ours that an `Accept-Encoding` header takes; null when it names none: then the bytes go as they are. */
export const acceptedEncoding = (header: string): ContentEncoding | null => {
  const taken = new Set<string>()
  for (const part of header.split(",")) {
    const [name = "", ...parameters] = part.split(";").map((text) => text.trim().toLowerCase())
    if (!parameters.some((parameter) => /^q=0(\.0{0,3})?$/.test(parameter))) taken.add(name)
  }
  if (taken.has("zstd")) return "zstd"
  return taken.has("gzip") || taken.has("x-gzip") ? "gzip" : null
}

/** Whether an address is this machine's own loopback: nothing is saved on the way to there. */
export const isLoopback = (address: string): boolean => {
  const plain = address.replace(/^::ffff:/i, "")
  return isIP(plain) === 4 ? plain.startsWith("127.") : plain === "::1"
}
