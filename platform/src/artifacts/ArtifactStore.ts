import type { BuildId } from "@skypanel/contract/Id"
import { Context, Effect, Layer } from "effect"
import { SqlClient, type SqlError } from "effect/sql"
import { fingerprint, type NarInfo } from "../domain/artifacts/narInfo.ts"
import type { StorePath } from "../domain/artifacts/StorePath.ts"
import { signFingerprint } from "../domain/artifacts/signature.ts"
import { holdNar, holdPath, wantPaths } from "./collection/wanted.ts"
import { type StorageFailed, type StorageFull, UploadRefused } from "./errors.ts"
import { findPath } from "./findPath.ts"
import { NarFiles, type NarUpload } from "./NarFiles.ts"
import { type NarRow, narInfoProblem } from "./narInfoProblem.ts"
import type { NarFacts } from "./receiveNar.ts"
import { SigningKeys } from "./SigningKeys.ts"

/** By the public key, `name:base64`. */
export interface Signed {
  readonly publicKey: string
  readonly signature: string
}

/** Where a path comes from: a worker with the build that brings it, or a public cache. */
export interface Uploader {
  readonly name: string
  readonly build: BuildId | null
}

/** Store paths and their NARs. A path is either not there, or there with its NAR and everything it refers to. */
export class ArtifactStore extends Context.Service<
  ArtifactStore,
  {
    /** For `trusted-public-keys` of who reads the cache: the newest. */
    readonly publicKey: string
    /** By the hash part of its name; null also for what was buried, or whose file is known to be gone. */
    readonly find: (hash: string) => Effect.Effect<NarInfo | null, SqlError.SqlError>
    /**
     * For who would upload it, and does not when it is there: it is not collected for the grace time, and comes back
     * when it was buried. What the disk lost is not there: it has to be uploaded again.
     */
    readonly claim: (hash: string) => Effect.Effect<NarInfo | null, StorageFailed | SqlError.SqlError>
    /** The size of a verified NAR file, by its SHA-256; null when there is none. */
    readonly findNar: (fileHash: string) => Effect.Effect<number | null, StorageFailed | SqlError.SqlError>
    /** The same for who would upload it: it is not collected for the grace time. */
    readonly claimNar: (fileHash: string) => Effect.Effect<number | null, StorageFailed | SqlError.SqlError>
    /** Whether its file is there, too. */
    readonly isWhole: (info: NarInfo) => Effect.Effect<boolean, StorageFailed>
    readonly readNar: NarFiles["Service"]["read"]
    readonly putNar: (
      ...upload: NarUpload
    ) => Effect.Effect<NarFacts, UploadRefused | StorageFull | StorageFailed | SqlError.SqlError>
    /**
     * Registers a path whose NAR was put before, and signs it. A path that is known already stays as it is, whatever
     * is said of it now. `verified` are signatures of others that were checked: they stay with it.
     */
    readonly putNarInfo: (
      info: NarInfo,
      from: Uploader,
      verified?: ReadonlyArray<Signed>,
    ) => Effect.Effect<void, UploadRefused | StorageFailed | SqlError.SqlError>
  }
>()("platform/artifacts/ArtifactStore") {
  static readonly layer = Layer.effect(
    ArtifactStore,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const files = yield* NarFiles
      const keys = yield* SigningKeys

      const withSql = Effect.provideService(SqlClient.SqlClient, sql)

      const claim = Effect.fnUntraced(function* (hash: string) {
        const info = yield* findPath(hash, "any")
        if (info === null || !(yield* holdPath(info.storePath.base))) return null
        return (yield* files.has(info.fileHash)) ? info : null
      }, withSql)

      const narRow = (fileHash: string) =>
        Effect.map(
          sql<NarRow>`select file_hash, file_size::float8, nar_hash, nar_size::float8, candidates
            from nar where file_hash = ${fileHash}`,
          (rows) => rows[0] ?? null,
        )

      const findNar = Effect.fnUntraced(function* (fileHash: string) {
        const row = yield* narRow(fileHash)
        return row !== null && (yield* files.has(fileHash)) ? row.file_size : null
      })

      const claimNar = Effect.fnUntraced(function* (fileHash: string) {
        yield* holdNar(fileHash)
        return yield* findNar(fileHash)
      }, withSql)

      // The row first: it is locked until the file is in its place, so that no collection takes either.
      const putNar = (...upload: NarUpload) =>
        files.receive(
          (facts, move) =>
            sql.withTransaction(
              Effect.gen(function* () {
                yield* sql`insert into nar ${sql.insert({
                  file_hash: facts.fileHash,
                  file_size: facts.fileSize,
                  nar_hash: facts.narHash,
                  nar_size: facts.narSize,
                  candidates: facts.candidates === null ? null : [...facts.candidates].join(" "),
                })} on conflict (file_hash) do update set wanted_at = now(), damage = null, damaged_at = null`
                yield* move
                return facts
              }),
            ),
          ...upload,
        )

      const missing = (references: ReadonlyArray<StorePath>) =>
        Effect.map(
          sql<{ base: string }>`
            select base from json_array_elements_text(${JSON.stringify(references.map((r) => r.base))}::text::json) as wanted (base)
            where not exists (select from store_path p where p.base = wanted.base)`,
          (rows) => rows.map((row) => row.base),
        )

      const register = (info: NarInfo, from: Uploader, verified: ReadonlyArray<Signed>) =>
        sql.withTransaction(
          Effect.gen(function* () {
            const fresh = yield* sql`insert into store_path ${sql.insert({
              base: info.storePath.base,
              hash: info.storePath.hash,
              file_hash: info.fileHash,
              nar_hash: info.narHash,
              nar_size: info.narSize,
              deriver: info.deriver,
              substituted:
                verified.length > 0 || info.signatures.some((text) => !keys.names().has(text.split(":")[0]!)),
              uploaded_by: from.name,
              build_id: from.build,
            })} on conflict do nothing returning base`
            if (fresh.length === 0) return
            yield* wantPaths(info.references.map((reference) => reference.base))
            yield* sql`insert into store_reference (referrer, reference)
              select ${info.storePath.base}::text, json_array_elements_text(${JSON.stringify(
                info.references.map((reference) => reference.base),
              )}::text::json)`
            const own = keys.live().map((key) => ({
              publicKey: key.publicText,
              signature: signFingerprint(key, fingerprint(info)),
            }))
            for (const { publicKey, signature } of [...own, ...verified])
              yield* sql`insert into store_signature ${sql.insert({
                base: info.storePath.base,
                public_key: publicKey,
                signature,
              })} on conflict do nothing`
          }),
        )

      /** A file that the disk lost came again, perhaps compressed otherwise; the path stays what it is. */
      const replaceLost = Effect.fnUntraced(function* (known: NarInfo, info: NarInfo) {
        if (known.fileHash === info.fileHash || (yield* files.has(known.fileHash))) return
        yield* sql`update store_path p set file_hash = n.file_hash from nar n
          where p.base = ${known.storePath.base} and n.file_hash = ${info.fileHash} and n.nar_hash = p.nar_hash`
      })

      const putNarInfo = Effect.fnUntraced(function* (
        info: NarInfo,
        from: Uploader,
        verified: ReadonlyArray<Signed> = [],
      ) {
        const known = yield* findPath(info.storePath.hash, "any")
        if (known?.storePath.base === info.storePath.base) {
          yield* replaceLost(known, info)
          if (yield* holdPath(info.storePath.base)) return
        } else if (known !== null)
          return yield* new UploadRefused({ message: `another path has its hash: ${known.storePath.base}` })
        const nar = yield* narRow(info.fileHash)
        const others = info.references.filter((reference) => reference.base !== info.storePath.base)
        const problem = narInfoProblem(info, nar, yield* missing(others))
        if (problem !== null) return yield* new UploadRefused({ message: problem })
        yield* register(info, from, verified)
      }, withSql)

      return ArtifactStore.of({
        get publicKey() {
          return keys.live()[0]!.publicText
        },
        find: (hash) => withSql(findPath(hash, "answered")),
        claim,
        findNar,
        claimNar,
        isWhole: (info) => files.has(info.fileHash),
        readNar: files.read,
        putNar,
        putNarInfo,
      })
    }),
  )
}
