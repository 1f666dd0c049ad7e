import { Effect } from "effect"
import type Koa from "koa"
import {
  fingerprint,
  parseAwaitedName,
  parseNarFileName,
  printAwaitedNarInfo,
  printNarInfo,
} from "../../domain/artifacts/narInfo.ts"
import { signFingerprint } from "../../domain/artifacts/signature.ts"
import { ArtifactStore } from "../ArtifactStore.ts"
import { SigningKeys } from "../SigningKeys.ts"
import { counted } from "../Traffic.ts"
import { Upstreams } from "../upstream/Upstreams.ts"
import { cacheInfo, narInfoHash } from "./cacheNames.ts"
import { type CacheReader, mayReadNar, mayReadPath, readerOf } from "./cacheReader.ts"
import { sendBytes } from "./sendBytes.ts"

const plain = (ctx: Koa.Context, status: number, body: string): void => {
  ctx.body = body
  ctx.status = status
}

/** What an upstream cache has is said with our signature beside its own: ours is all that readers have to trust. */
const awaitedNarInfo = Effect.fnUntraced(function* (hash: string) {
  const path = yield* (yield* Upstreams).find(hash)
  if (path === null) return null
  const keys = (yield* SigningKeys).live()
  const text = fingerprint(path.info)
  const signatures = [
    ...keys.map((key) => signFingerprint(key, text)),
    ...path.verified.map(({ signature }) => signature),
  ]
  return { body: printAwaitedNarInfo({ ...path.info, signatures }), tag: `${hash}-${path.info.narHash}` }
})

const narInfoOf = Effect.fnUntraced(function* (hash: string, reader: CacheReader) {
  const info = yield* (yield* ArtifactStore).find(hash)
  yield* counted("narinfo", info !== null)
  if (info === null) return yield* awaitedNarInfo(hash)
  if (!(yield* mayReadPath(reader, hash))) return null
  return { body: printNarInfo(info), tag: `${hash}-${info.fileHash}` }
})

const sendNarInfo = Effect.fnUntraced(function* (ctx: Koa.Context, hash: string, reader: CacheReader) {
  const found = yield* narInfoOf(hash, reader)
  if (found === null) return plain(ctx, 404, "not here\n")
  const { body, tag } = found
  yield* sendBytes(ctx, {
    type: "text/x-nix-narinfo",
    size: Buffer.byteLength(body),
    tag,
    open: ({ start, end }) => Effect.succeed(body.slice(start, end + 1)),
  })
})

const sendNar = Effect.fnUntraced(function* (ctx: Koa.Context, fileHash: string, reader: CacheReader) {
  const store = yield* ArtifactStore
  const size = yield* store.findNar(fileHash)
  yield* counted("nar", size !== null)
  if (size === null || !(yield* mayReadNar(reader, fileHash))) return plain(ctx, 404, "not here\n")
  yield* sendBytes(ctx, {
    type: "application/x-nix-nar",
    size,
    tag: fileHash,
    open: (range) => Effect.sync(() => store.readNar(fileHash, range)),
  })
})

/**
 * Fetches it first when only an upstream cache has it, and it is what is asked for; not for who asks only whether it is
 * here. The name stays good when it was stored under another meanwhile.
 */
const sendAwaitedNar = Effect.fnUntraced(
  function* (
    ctx: Koa.Context,
    wanted: { readonly hash: string; readonly narHash: string },
    reader: CacheReader,
  ) {
    const upstreams = yield* Upstreams
    const here = yield* (yield* ArtifactStore).find(wanted.hash)
    const asking = ctx.method === "HEAD"
    const known = here ?? (asking ? null : (yield* upstreams.find(wanted.hash))?.info)
    if (known?.narHash !== wanted.narHash) return plain(ctx, 404, "not here\n")
    const info = asking ? here : yield* upstreams.bring(wanted.hash)
    if (info?.narHash !== wanted.narHash) return plain(ctx, 404, "not here\n")
    yield* sendNar(ctx, info.fileHash, reader)
  },
  (effect, ctx) =>
    effect.pipe(
      Effect.catchTags({
        UploadRefused: () => Effect.sync(() => plain(ctx, 404, "not here\n")),
        UpstreamFailed: () => Effect.sync(() => plain(ctx, 503, "the upstream cache does not answer\n")),
        StorageFull: () =>
          Effect.logError(
            "nothing is fetched from upstream caches: the disk of the artifact store is full",
          ).pipe(Effect.andThen(Effect.sync(() => plain(ctx, 503, "there is no room for it\n")))),
        StorageFailed: (error) =>
          Effect.logError("the cache cannot keep what an upstream has", error).pipe(
            Effect.andThen(Effect.sync(() => plain(ctx, 503, "the artifact store does not answer\n"))),
          ),
      }),
    ),
)

/** A request below `/cache/`, other than an upload: the store as a Nix binary cache. `name` is what comes after. */
export const cachePull = Effect.fnUntraced(
  function* (ctx: Koa.Context, name: string) {
    if (ctx.method !== "GET" && ctx.method !== "HEAD")
      return plain(ctx, 405, "this cache is only for reading\n")
    const reader = yield* readerOf(ctx)
    if (reader === null) {
      ctx.set("WWW-Authenticate", 'Basic realm="cache"')
      return plain(ctx, 401, "a credential is needed\n")
    }
    if (name === "nix-cache-info") {
      plain(ctx, 200, cacheInfo)
      return ctx.set("Content-Type", "text/x-nix-cache-info")
    }
    const pathHash = narInfoHash(name)
    if (pathHash !== null) return yield* sendNarInfo(ctx, pathHash, reader)
    const fileHash = name.startsWith("nar/") ? parseNarFileName(name.slice(4)) : null
    if (fileHash !== null) return yield* sendNar(ctx, fileHash, reader)
    const awaited = name.startsWith("nar/") ? parseAwaitedName(name.slice(4)) : null
    if (awaited !== null) return yield* sendAwaitedNar(ctx, awaited, reader)
    plain(ctx, 404, "not here\n")
  },
  (effect, ctx) =>
    effect.pipe(
      Effect.catch((error) =>
        Effect.logError("the cache cannot answer", error).pipe(
          Effect.andThen(Effect.sync(() => plain(ctx, 503, "the artifact store does not answer\n"))),
        ),
      ),
    ),
)
