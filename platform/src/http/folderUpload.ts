import type { IncomingMessage } from "node:http"
import {
  type Forbidden,
  InvalidInput,
  type NotFound,
  type Unauthorized,
  Unavailable,
} from "@skypanel/contract/Errors"
import { FolderDigest } from "@skypanel/contract/Folder"
import { type FolderRefused, sayRefused } from "@skypanel/contract/folder/FolderEntry"
import { CurrentUser } from "@skypanel/contract/Session"
import { Effect, Schema } from "effect"
import type { SqlClient } from "effect/sql"
import type Koa from "koa"
import { drain } from "../artifacts/http/drain.ts"
import { UploadAuthority } from "../artifacts/UploadAuthority.ts"
import type { Auth } from "../auth/Auth.ts"
import { FolderStore } from "../folders/FolderStore.ts"
import { orUnavailable } from "../store/Database.ts"
import { signedInUser } from "./authorization.ts"
import { memberOf } from "./organization.ts"

/** An upload from which nothing comes for so long is over. */
const idleMs = 120_000

/** What is uploaded. From when it is read on, which it may have to wait for, it has to go on. */
async function* bodyOf(request: IncomingMessage): AsyncGenerator<Buffer> {
  request.setTimeout(idleMs, () => request.destroy())
  // The request stays open when this stops early, so that the answer can be sent.
  yield* request.iterator({ destroyOnReturn: false })
}

const invalid = (message: string) =>
  new InvalidInput({ message, next: "Deploy the folder with `skypanel deploy NAME --dir .`.", issues: [] })

const notTaken = (refused: FolderRefused) =>
  new InvalidInput({
    message: `The folder is not taken: ${sayRefused(refused)}.`,
    next: "Correct that, or name it in .gitignore, and deploy again.",
    issues: refused.entry === null ? [] : [{ path: refused.entry, message: refused.reason }],
  })

const receive = Effect.fnUntraced(function* (ctx: Koa.Context, slug: string, digest: string) {
  const user = yield* signedInUser(ctx.headers)
  const organization = yield* Effect.provideService(memberOf(slug), CurrentUser, user)
  if (!Schema.is(FolderDigest)(digest)) return yield* invalid("That is not a SHA-256 in hexadecimal.")
  if (ctx.get("content-encoding") !== "gzip")
    return yield* invalid("A folder is uploaded as a tar with the Content-Encoding gzip.")
  const store = yield* FolderStore
  return yield* store.receive(organization.id, digest, bodyOf(ctx.req)).pipe(
    Effect.catchTags({
      FolderRefused: notTaken,
      StorageFull: () =>
        Effect.andThen(
          Effect.logError("a folder was refused: the disk is full"),
          new Unavailable({ message: "The platform has no room for it.", next: "Tell an administrator." }),
        ),
      StorageFailed: (error) =>
        Effect.andThen(
          Effect.logError("a folder could not be stored", error),
          new Unavailable({ message: "The folder could not be stored.", next: "Try again." }),
        ),
    }),
    orUnavailable,
  )
})

type Refusal = InvalidInput | Unavailable | Unauthorized | Forbidden | NotFound

const statuses: Record<Refusal["_tag"], number> = {
  InvalidInput: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  Unavailable: 503,
}

/** `PUT /api/v1/organizations/<slug>/folders/<digest>`. */
const upload = (ctx: Koa.Context, slug: string, digest: string) =>
  receive(ctx, slug, digest).pipe(
    Effect.tap((folder) =>
      Effect.sync(() => {
        ctx.status = 201
        ctx.body = folder
      }),
    ),
    Effect.catch((error) =>
      Effect.map(drain(ctx), () => {
        const { _tag, message, next } = error
        ctx.status = statuses[_tag]
        ctx.body = { _tag, message, next, ...("issues" in error && { issues: error.issues }) }
      }),
    ),
  )

/** `GET /folders/<token>`: what a build is made of, for the builder that has it. */
const download = (ctx: Koa.Context, token: string) =>
  Effect.gen(function* () {
    const { organizationId, digest } = yield* (yield* UploadAuthority).folderOf(token)
    const archive = (yield* FolderStore).read(organizationId, digest)
    // Koa leaves the connection open when a stream fails after the headers: the builder would wait for ever.
    ctx.body = archive.on("error", () => ctx.res.destroy())
    ctx.status = 200
    ctx.set("content-type", "application/gzip")
  }).pipe(
    orUnavailable,
    Effect.catch((error) =>
      Effect.sync(() => {
        ctx.status = error._tag === "Unavailable" ? 503 : 401
        ctx.body = `${error.message}\n`
      }),
    ),
  )

type Needed = Auth | FolderStore | SqlClient.SqlClient | UploadAuthority

/** Uploads and downloads of folders. Mount it before what reads request bodies. */
export const folderMiddleware: Effect.Effect<Koa.Middleware, never, Needed> = Effect.map(
  Effect.context<Needed>(),
  (context) => async (ctx, next) => {
    const to = /^\/api\/v1\/organizations\/([^/]+)\/folders\/([^/]+)$/.exec(ctx.path)
    if (to && ctx.method === "PUT") return Effect.runPromiseWith(context)(upload(ctx, to[1]!, to[2]!))
    const of = /^\/folders\/([A-Za-z0-9._-]{1,200})$/.exec(ctx.path)
    if (of && ctx.method === "GET") return Effect.runPromiseWith(context)(download(ctx, of[1]!))
    return next()
  },
)
