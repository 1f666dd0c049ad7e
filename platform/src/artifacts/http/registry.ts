import { Readable } from "node:stream"
import { Clock, Effect } from "effect"
import { SqlClient } from "effect/sql"
import type Koa from "koa"
import { blobType, layerType, manifestTypeOf } from "../../domain/artifacts/ociImage.ts"
import { CommonPulls } from "../common/CommonPulls.ts"
import { commonBlob, commonImage, commonRepository } from "../common/commonImages.ts"
import { Layers } from "../Layers.ts"
import { RegistryCredential } from "../RegistryCredential.ts"
import { counted } from "../Traffic.ts"
import { basicCredential, bearerToken } from "./credential.ts"
import type { ByteRange } from "./range.ts"
import { answerError, answerJson, challenge } from "./registryAnswer.ts"
import { sendBytes } from "./sendBytes.ts"
import { sendLayer } from "./sendLayer.ts"

interface Repository {
  readonly organizationId: string
  readonly serviceId: string
}

const isCommon = ({ organizationId, serviceId }: Repository) =>
  `${organizationId}/${serviceId}` === commonRepository

const part = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
const resource = new RegExp(
  `^(${part})/(${part})/(manifests|blobs|tags)/([A-Za-z0-9_][A-Za-z0-9._:-]{0,127})$`,
)
const digestForm = /^sha256:[0-9a-f]{64}$/

/** The repository that the request's credential opens; null without one, false when it is wrong. */
const opened = Effect.fnUntraced(function* (ctx: Koa.Context) {
  const credentials = yield* RegistryCredential
  const header = ctx.get("Authorization")
  if (header === "") return null
  const token = bearerToken(header)
  if (token !== null) return credentials.repositoryOfToken(token, yield* Clock.currentTimeMillis) ?? false
  const basic = basicCredential(header)
  return (basic && credentials.repositoryOf(basic)) ?? false
})

const issueToken = Effect.fnUntraced(function* (ctx: Koa.Context) {
  const credentials = yield* RegistryCredential
  const basic = basicCredential(ctx.get("Authorization"))
  const name = basic && credentials.repositoryOf(basic)
  if (name === null) return answerError(ctx, "UNAUTHORIZED", "the credential is wrong")
  const { token, seconds } = credentials.tokenFor(name, yield* Clock.currentTimeMillis)
  answerJson(ctx, { token, access_token: token, expires_in: seconds })
  ctx.set("Cache-Control", "no-store")
})

/** Characters may take several bytes: what a range is of. */
const sendText = (ctx: Koa.Context, type: string, digest: string, text: string) => {
  const bytes = Buffer.from(text)
  return sendBytes(ctx, {
    type,
    size: bytes.length,
    tag: digest,
    open: ({ start, end }) => Effect.succeed(Readable.from([bytes.subarray(start, end + 1)])),
  })
}

const findImage = Effect.fnUntraced(function* (repository: Repository, reference: string) {
  if (isCommon(repository)) return yield* commonImage(reference)
  const sql = yield* SqlClient.SqlClient
  const matches = digestForm.test(reference)
    ? sql`digest = ${reference}`
    : reference === "latest"
      ? sql`true`
      : sql`left(store_path, 32) = ${reference}`
  const rows = yield* sql<{ digest: string; manifest: string }>`select digest, manifest from image
    where organization_id = ${repository.organizationId} and service_id = ${repository.serviceId} and ${matches}
    and collected_at is null order by published_at desc limit 1`
  return rows[0]
})

const sendManifest = Effect.fnUntraced(function* (
  ctx: Koa.Context,
  repository: Repository,
  reference: string,
) {
  const image = yield* findImage(repository, reference)
  if (image === undefined) return answerError(ctx, "MANIFEST_UNKNOWN", "there is no such image")
  ctx.set("Docker-Content-Digest", image.digest)
  yield* sendText(ctx, manifestTypeOf(image.manifest), image.digest, image.manifest)
  if (!digestForm.test(reference)) ctx.set("Cache-Control", "no-cache")
})

/** A digest is no right: only what an image of this repository consists of is there. */
const findBlob = Effect.fnUntraced(function* (repository: Repository, digest: string) {
  if (isCommon(repository)) return yield* commonBlob(digest)
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{ size: number; blob: boolean; config: string | null }>`
    (select l.size::float8, l.blob, null as config from image_layer il join layer l on l.digest = il.layer_digest
      where il.layer_digest = ${digest} and il.organization_id = ${repository.organizationId}
        and il.service_id = ${repository.serviceId} limit 1)
    union all
    (select 0, false, config from image where config_digest = ${digest}
      and organization_id = ${repository.organizationId} and service_id = ${repository.serviceId} limit 1)`
  return rows[0]
})

/** Whether a layer may be sent now: customers' pulls come first. */
const mayBegin = Effect.fnUntraced(function* (ctx: Koa.Context, repository: Repository) {
  if (!isCommon(repository) || ctx.method !== "GET") return true
  const ended = (yield* CommonPulls).begin()
  if (ended !== null) ctx.res.once("close", ended)
  return ended !== null
})

const sendBlob = Effect.fnUntraced(function* (ctx: Koa.Context, repository: Repository, digest: string) {
  if (!digestForm.test(digest)) return answerError(ctx, "DIGEST_INVALID", "only SHA-256 digests exist")
  const layers = yield* Layers
  const blob = yield* findBlob(repository, digest)
  yield* counted("blob", blob !== undefined)
  if (blob === undefined) return answerError(ctx, "BLOB_UNKNOWN", "there is no such blob")
  const { size, config } = blob
  ctx.set("Docker-Content-Digest", digest)
  if (config !== null) return yield* sendText(ctx, blobType, digest, config)
  if (!(yield* mayBegin(ctx, repository)))
    return answerError(ctx, "UNAVAILABLE", "other workers fetch common layers; try again")
  const open = (range: ByteRange) => layers.read(digest, range)
  // What came from elsewhere is compressed as its manifest says.
  yield* blob.blob
    ? sendBytes(ctx, { type: blobType, size, tag: digest, open })
    : sendLayer(ctx, { type: layerType, size, digest, open })
})

const sendTags = Effect.fnUntraced(function* (ctx: Koa.Context, name: string, repository: Repository) {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{ tag: string }>`select left(store_path, 32) as tag from image
    where organization_id = ${repository.organizationId} and service_id = ${repository.serviceId}
    and collected_at is null group by 1 order by max(published_at) desc limit 1000`
  if (rows.length === 0) return answerError(ctx, "NAME_UNKNOWN", "there is no such repository")
  answerJson(ctx, { name, tags: ["latest", ...rows.map((row) => row.tag)] })
})

const route = Effect.fnUntraced(function* (ctx: Koa.Context, path: string) {
  if (ctx.method !== "GET" && ctx.method !== "HEAD")
    return answerError(
      ctx,
      "UNSUPPORTED",
      "images are made by deployments; this registry is only for pulling",
    )
  if (path === "token") return yield* issueToken(ctx)
  const repository = yield* opened(ctx)
  const [, organizationId = "", serviceId = "", kind = "", reference = ""] = resource.exec(path) ?? []
  const name = kind === "" ? null : `${organizationId}/${serviceId}`
  if (repository === null || repository === false) return challenge(ctx, name)
  if (path === "") return answerJson(ctx, {})
  if (name === null) return answerError(ctx, "NAME_UNKNOWN", "there is nothing of this name")
  // The same answer whether the other repository exists or not.
  if (name !== repository) return answerError(ctx, "DENIED", "the credential is for another repository")
  if (kind === "manifests") return yield* sendManifest(ctx, { organizationId, serviceId }, reference)
  if (kind === "blobs") return yield* sendBlob(ctx, { organizationId, serviceId }, reference)
  if (reference === "list") return yield* sendTags(ctx, name, { organizationId, serviceId })
  answerError(ctx, "NAME_UNKNOWN", "there is nothing of this name")
})

/**
 * A request below `/v2/`: the pull side of the OCI distribution specification. `path` is what comes after. Repositories
 * are `<organization id>/<service id>`; tags are `latest` and the hash of an image's top store path.
 */
export const registry = (ctx: Koa.Context, path: string) =>
  route(ctx, path).pipe(
    Effect.catchTag("SqlError", (error) =>
      Effect.logError("the registry cannot answer", error).pipe(
        Effect.andThen(Effect.sync(() => answerError(ctx, "UNAVAILABLE", "the registry does not answer"))),
      ),
    ),
    Effect.tap(() => Effect.sync(() => ctx.set("Docker-Distribution-Api-Version", "registry/2.0"))),
  )
