import type { BuildId } from "@skypanel/contract/Id"
import { layerContentsHeaders, readLayerContents } from "@skypanel/contract/image/LayerContents"
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import type Koa from "koa"
import {
  InvalidNarInfo,
  narInfoMaxBytes,
  parseNarFileName,
  parseNarInfo,
  printNarInfo,
} from "../../domain/artifacts/narInfo.ts"
import { ArtifactStore, type Uploader } from "../ArtifactStore.ts"
import { dependenciesBytesMost, recordDependencies } from "../dependencies.ts"
import { type StorageFailed, type StorageFull, UploadRefused } from "../errors.ts"
import { blobsOf, claimBlob, isForeign } from "../organizationBlobs.ts"
import { UploadAuthority, type UploadUnauthorized } from "../UploadAuthority.ts"
import { cacheInfo, narInfoHash } from "./cacheNames.ts"
import { drain } from "./drain.ts"

/** An upload from which nothing comes for so long is over. */
const idleMs = 120_000

interface BuildUploader extends Uploader {
  readonly build: BuildId
  readonly organizationId: string
}

const text = (ctx: Koa.Context, status: number, body: string): void => {
  ctx.body = `${body}\n`
  ctx.status = status
}

const announced = (ctx: Koa.Context): number | null => ctx.request.length ?? null

const checkEncoding = (ctx: Koa.Context) =>
  ["", "identity"].includes(ctx.get("Content-Encoding"))
    ? Effect.void
    : new UploadRefused({ message: "no Content-Encoding is accepted: set narinfo-compression to none" })

const readText = (ctx: Koa.Context, limit: number) =>
  Effect.tryPromise({
    try: async () => {
      const pieces: Array<Buffer> = []
      let size = 0
      for await (const bytes of ctx.req.iterator({ destroyOnReturn: false })) {
        size += bytes.length
        if (size > limit) throw new Error(`it is larger than ${limit} bytes`)
        pieces.push(bytes)
      }
      return Buffer.concat(pieces).toString("latin1")
    },
    catch: (cause) => new UploadRefused({ message: (cause as Error).message }),
  })

const parse = (body: string) =>
  Effect.try({
    try: () => parseNarInfo(body),
    catch: (cause) =>
      new UploadRefused({
        message: `the narinfo is refused: ${cause instanceof InvalidNarInfo ? cause.message : "it cannot be read"}`,
      }),
  })

/** A layer that only others have brought is not here: who names its digest may not have it otherwise. */
const getNarInfo = Effect.fnUntraced(function* (ctx: Koa.Context, hash: string, from: BuildUploader) {
  const store = yield* ArtifactStore
  if (yield* isForeign(from.organizationId, hash)) return text(ctx, 404, "not here")
  const info = yield* store.claim(hash)
  if (info === null) return text(ctx, 404, "not here")
  const { base } = info.storePath
  const contents = (yield* blobsOf(from.organizationId, [base])).get(base)
  if (contents !== undefined) ctx.set(layerContentsHeaders(contents))
  text(ctx, 200, printNarInfo(info).trimEnd())
  ctx.set("Content-Type", "text/x-nix-narinfo")
})

const putNarInfo = Effect.fnUntraced(function* (ctx: Koa.Context, hash: string, from: BuildUploader) {
  yield* checkEncoding(ctx)
  const info = yield* parse(yield* readText(ctx, narInfoMaxBytes))
  if (info.storePath.hash !== hash)
    return yield* new UploadRefused({ message: "the narinfo is of another path than its address says" })
  yield* (yield* ArtifactStore).putNarInfo(info, from)
  const contents = readLayerContents((name) => ctx.get(name))
  if (contents !== null) yield* claimBlob(from.organizationId, info, contents)
  text(ctx, 200, "registered")
})

/** What the build has fetched by hashes; who says it is told which of it to upload, and says it again then. */
const putDependencies = Effect.fnUntraced(function* (ctx: Koa.Context, from: BuildUploader) {
  yield* checkEncoding(ctx)
  const said = yield* readText(ctx, dependenciesBytesMost)
  text(ctx, 200, (yield* recordDependencies(from.build, said.split("\n"))).join("\n"))
})

const headNar = Effect.fnUntraced(function* (ctx: Koa.Context, fileHash: string) {
  const size = yield* (yield* ArtifactStore).claimNar(fileHash)
  if (size === null) return text(ctx, 404, "not here")
  ctx.status = 200
  ctx.length = size
})

const putNar = Effect.fnUntraced(function* (ctx: Koa.Context, fileHash: string) {
  yield* checkEncoding(ctx)
  ctx.req.setTimeout(idleMs, () => ctx.req.destroy())
  yield* (yield* ArtifactStore).putNar(fileHash, ctx.req, announced(ctx))
  text(ctx, 200, "stored")
})

/** Everything that `nix copy` asks for; what it can also send (listings, logs, build traces) is refused. */
const route = (ctx: Koa.Context, name: string, from: BuildUploader) => {
  const reading = ctx.method === "GET" || ctx.method === "HEAD"
  const fileHash = name.startsWith("nar/") ? parseNarFileName(name.slice(4)) : null
  const pathHash = narInfoHash(name)
  if (name === "nix-cache-info" && reading) return Effect.sync(() => text(ctx, 200, cacheInfo.trimEnd()))
  if (pathHash !== null && reading) return getNarInfo(ctx, pathHash, from)
  if (name === "dependencies" && ctx.method === "PUT") return putDependencies(ctx, from)
  if (pathHash !== null && ctx.method === "PUT") return putNarInfo(ctx, pathHash, from)
  if (fileHash !== null && ctx.method === "HEAD") return headNar(ctx, fileHash)
  if (fileHash !== null && ctx.method === "PUT") return putNar(ctx, fileHash)
  if (name.startsWith("nar/") && ctx.method === "PUT")
    return new UploadRefused({
      message: "only zstd is accepted: add ?compression=zstd to the store's address",
    })
  return Effect.sync(() =>
    reading ? text(ctx, 404, "not here") : text(ctx, 405, "this cannot be uploaded here"),
  )
}

const refuse = (
  ctx: Koa.Context,
  error: UploadUnauthorized | UploadRefused | StorageFull | StorageFailed | SqlError.SqlError,
) =>
  Effect.gen(function* () {
    yield* drain(ctx)
    switch (error._tag) {
      case "UploadUnauthorized":
        return text(ctx, 401, error.message)
      case "UploadRefused":
        yield* Effect.logWarning(`an upload was refused: ${error.message}`)
        return text(ctx, 400, error.message)
      case "StorageFull":
        yield* Effect.logError("an upload was refused: the disk of the artifact store is full")
        return text(ctx, 507, error.message)
      default:
        yield* Effect.logError("an upload failed", error)
        return text(ctx, 503, "the artifact store does not answer")
    }
  })

/** A request below `/cache/push/<token>/`; `name` is what comes after. */
export const cachePush = (ctx: Koa.Context, token: string, name: string) =>
  Effect.gen(function* () {
    const { buildId, workerId, organizationId } = yield* (yield* UploadAuthority).authorize(token)
    yield* route(ctx, name, { name: workerId, build: buildId, organizationId })
  }).pipe(Effect.catch((error) => refuse(ctx, error)))
