import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type Koa from "koa"
import { ArtifactConfig } from "../ArtifactConfig.ts"
import { CacheCredential } from "../CacheCredential.ts"
import { UploadAuthority } from "../UploadAuthority.ts"
import { basicCredential } from "./credential.ts"

/** Who reads: a machine of the operator's, everything; a build, what everybody or its organization may have. */
export type CacheReader = "everything" | { readonly organizationId: string }

/** A build has the token that it uploads with as its password. */
const buildUser = "build"

/** Null: nobody who may. */
export const readerOf = Effect.fnUntraced(function* (ctx: Koa.Context) {
  const everything: CacheReader = "everything"
  if ((yield* ArtifactConfig).openCache) return everything
  const credential = basicCredential(ctx.get("Authorization"))
  if (credential === null) return null
  if (credential.username !== buildUser)
    return (yield* CacheCredential).isRight(credential) ? everything : null
  const { reader } = yield* UploadAuthority
  return yield* reader(credential.password).pipe(
    Effect.map(({ organizationId }): CacheReader => ({ organizationId })),
    Effect.catchTag("UploadUnauthorized", () => Effect.succeed(null)),
  )
})

/** What came from a public cache is everybody's; what an image of the organization holds, or builds of it used, is its own. */
const mayRead = (reader: CacheReader, where: "hash" | "file_hash", value: string) =>
  Effect.gen(function* () {
    if (reader === "everything") return true
    const sql = yield* SqlClient.SqlClient
    const rows =
      yield* sql`select from store_path p where p.${sql(where)} = ${value} and (p.substituted or exists
      (select from layer_path lp join image_layer il on il.layer_digest = lp.digest
        where lp.base = p.base and il.organization_id = ${reader.organizationId})
      or exists (select from service_dependency d
        where d.base = p.base and d.organization_id = ${reader.organizationId})) limit 1`
    return rows.length > 0
  })

/** By the hash part of its name. */
export const mayReadPath = (reader: CacheReader, hash: string) => mayRead(reader, "hash", hash)

/** By the file's SHA-256. */
export const mayReadNar = (reader: CacheReader, fileHash: string) => mayRead(reader, "file_hash", fileHash)
