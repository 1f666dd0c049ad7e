import { Effect } from "effect"
import type Koa from "koa"
import { parseNarFileName, printNarInfo } from "../../domain/artifacts/narInfo.ts"
import { ArtifactConfig } from "../ArtifactConfig.ts"
import { ArtifactStore } from "../ArtifactStore.ts"
import { CacheCredential } from "../CacheCredential.ts"
import { cacheInfo, narInfoHash } from "./cacheNames.ts"
import { basicCredential } from "./credential.ts"
import { sendBytes } from "./sendBytes.ts"

const plain = (ctx: Koa.Context, status: number, body: string): void => {
  ctx.body = body
  ctx.status = status
}

const mayRead = Effect.fnUntraced(function* (ctx: Koa.Context) {
  if ((yield* ArtifactConfig).openCache) return true
  const credential = basicCredential(ctx.get("Authorization"))
  return credential !== null && (yield* CacheCredential).isRight(credential)
})

const sendNarInfo = Effect.fnUntraced(function* (ctx: Koa.Context, hash: string) {
  const info = yield* (yield* ArtifactStore).find(hash)
  if (info === null) return plain(ctx, 404, "not here\n")
  const body = printNarInfo(info)
  yield* sendBytes(ctx, {
    type: "text/x-nix-narinfo",
    size: Buffer.byteLength(body),
    tag: `${info.storePath.hash}-${info.fileHash}`,
    open: ({ start, end }) => Effect.succeed(body.slice(start, end + 1)),
  })
})

const sendNar = Effect.fnUntraced(function* (ctx: Koa.Context, fileHash: string) {
  const store = yield* ArtifactStore
  const size = yield* store.findNar(fileHash)
  if (size === null) return plain(ctx, 404, "not here\n")
  yield* sendBytes(ctx, {
    type: "application/x-nix-nar",
    size,
    tag: fileHash,
    open: (range) => Effect.sync(() => store.readNar(fileHash, range)),
  })
})

/** A request below `/cache/`, other than an upload: the store as a Nix binary cache. `name` is what comes after. */
export const cachePull = Effect.fnUntraced(
  function* (ctx: Koa.Context, name: string) {
    if (ctx.method !== "GET" && ctx.method !== "HEAD")
      return plain(ctx, 405, "this cache is only for reading\n")
    if (!(yield* mayRead(ctx))) {
      ctx.set("WWW-Authenticate", 'Basic realm="cache"')
      return plain(ctx, 401, "a credential is needed\n")
    }
    if (name === "nix-cache-info") {
      plain(ctx, 200, cacheInfo)
      return ctx.set("Content-Type", "text/x-nix-cache-info")
    }
    const pathHash = narInfoHash(name)
    if (pathHash !== null) return yield* sendNarInfo(ctx, pathHash)
    const fileHash = name.startsWith("nar/") ? parseNarFileName(name.slice(4)) : null
    if (fileHash !== null) return yield* sendNar(ctx, fileHash)
    plain(ctx, 404, "not here\n")
  },
  (effect, ctx) =>
    effect.pipe(
      Effect.catchTag("SqlError", (error) =>
        Effect.logError("the cache cannot answer", error).pipe(
          Effect.andThen(Effect.sync(() => plain(ctx, 503, "the artifact store does not answer\n"))),
        ),
      ),
    ),
)
