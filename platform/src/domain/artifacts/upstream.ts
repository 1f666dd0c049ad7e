import { Effect, Schema } from "effect"
import {
  fingerprint,
  type NarInfo,
  type PathInfo,
  parseSha256,
  readNarInfo,
  readSize,
  refuse,
} from "./narInfo.ts"
import { verifyFingerprint } from "./signature.ts"

const cacheUrl = Schema.String.check(
  Schema.isPattern(/^https?:\/\/[^\s/?#@]+(\/[^\s?#@]*)?$/, {
    message: "an upstream cache has an http or https URL without credentials and parameters",
  }),
)
const publicKey = Schema.String.check(
  Schema.isPattern(/^[0-9a-zA-Z._-]{1,128}:[A-Za-z0-9+/]{43}=$/, {
    message: "a public key is written name:base64",
  }),
)

/** A public binary cache that is asked for what is not here. */
export const UpstreamCache = Schema.Struct({
  url: cacheUrl,
  /** What one of these has not signed is not there. */
  publicKeys: Schema.Array(publicKey).check(
    Schema.isMinLength(1, { message: "an upstream cache has at least one public key" }),
  ),
  /** Of several that have a path the one with the lowest. */
  priority: Schema.Int.pipe(Schema.withDecodingDefaultKey(Effect.succeed(50))),
})
export type UpstreamCache = typeof UpstreamCache.Type

export const compressions = ["none", "xz", "bzip2", "gzip", "zstd", "br"] as const
export type Compression = (typeof compressions)[number]

/** A narinfo as another cache says it: its file may be anywhere, and compressed otherwise. */
export interface UpstreamNarInfo extends PathInfo {
  readonly url: string
  readonly compression: Compression
  /** Null when it is not said, or in another form than SHA-256. */
  readonly fileHash: string | null
  readonly fileSize: number | null
}

/** Throws InvalidNarInfo. */
export const parseUpstreamNarInfo = (text: string): UpstreamNarInfo => {
  const { one, optional, path } = readNarInfo(text)
  const said = optional("Compression") ?? "bzip2"
  const fileSize = optional("FileSize")
  return {
    ...path,
    url: one("URL"),
    compression:
      compressions.find((each) => each === said) ??
      refuse(`it is compressed with ${said.slice(0, 20)}, which is not known here`),
    fileHash: parseSha256(optional("FileHash") ?? ""),
    fileSize: fileSize === null ? null : readSize(fileSize, "FileSize"),
  }
}

/** Its signatures that are by one of the keys, and right. */
export const verifiedSignatures = (
  info: Pick<NarInfo, "storePath" | "narHash" | "narSize" | "references" | "signatures">,
  publicKeys: ReadonlyArray<string>,
): ReadonlyArray<{ readonly publicKey: string; readonly signature: string }> => {
  const text = fingerprint(info)
  return publicKeys.flatMap((key) => {
    const signature = info.signatures.find((each) => verifyFingerprint(key, text, each))
    return signature === undefined ? [] : [{ publicKey: key, signature }]
  })
}
