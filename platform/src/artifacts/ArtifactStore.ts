import { Context, Effect, Layer } from "effect"
import { SqlClient, type SqlError } from "effect/sql"
import { fingerprint, type NarInfo } from "../domain/artifacts/narInfo.ts"
import { parseStoreBase, type StorePath } from "../domain/artifacts/StorePath.ts"
import { signFingerprint } from "../domain/artifacts/signature.ts"
import { type StorageFailed, type StorageFull, UploadRefused } from "./errors.ts"
import { NarFiles } from "./NarFiles.ts"
import { type NarRow, narInfoProblem } from "./narInfoProblem.ts"
import type { NarFacts } from "./receiveNar.ts"
import { SigningKeys } from "./SigningKeys.ts"

/** By the public key, `name:base64`. */
export interface Signed {
  readonly publicKey: string
  readonly signature: string
}

interface PathRow extends Omit<NarRow, "candidates"> {
  readonly base: string
  readonly deriver: string | null
  readonly signatures: string
  readonly references: string
}

const toNarInfo = (row: PathRow): NarInfo => ({
  storePath: parseStoreBase(row.base)!,
  fileHash: row.file_hash,
  fileSize: row.file_size,
  narHash: row.nar_hash,
  narSize: row.nar_size,
  references: row.references
    .split(" ")
    .filter((base) => base !== "")
    .map((base) => parseStoreBase(base)!),
  deriver: row.deriver,
  signatures: row.signatures.split(" ").filter((signature) => signature !== ""),
})

/** Store paths and their NARs. A path is either not there, or there with its NAR and everything it refers to. */
export class ArtifactStore extends Context.Service<
  ArtifactStore,
  {
    /** For `trusted-public-keys` of who reads the cache: the newest. */
    readonly publicKey: string
    /** By the hash part of its name. */
    readonly find: (hash: string) => Effect.Effect<NarInfo | null, SqlError.SqlError>
    /** The size of a verified NAR file, by its SHA-256; null when there is none. */
    readonly findNar: (fileHash: string) => Effect.Effect<number | null, SqlError.SqlError>
    /** Whether its file is there, too: what the disk lost has to be uploaded again. */
    readonly isWhole: (info: NarInfo) => Effect.Effect<boolean>
    readonly readNar: NarFiles["Service"]["read"]
    readonly putNar: (
      ...receiving: Parameters<NarFiles["Service"]["receive"]>
    ) => Effect.Effect<NarFacts, UploadRefused | StorageFull | StorageFailed | SqlError.SqlError>
    /**
     * Registers a path whose NAR was put before, and signs it. A path that is known already stays as it is, whatever
     * is said of it now. `verified` are signatures of others that were checked: they stay with it.
     */
    readonly putNarInfo: (
      info: NarInfo,
      uploadedBy: string,
      verified?: ReadonlyArray<Signed>,
    ) => Effect.Effect<void, UploadRefused | SqlError.SqlError>
  }
>()("platform/artifacts/ArtifactStore") {
  static readonly layer = Layer.effect(
    ArtifactStore,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const files = yield* NarFiles
      const keys = yield* SigningKeys

      const find = Effect.fnUntraced(function* (hash: string) {
        const rows = yield* sql<PathRow>`
          select p.base, p.file_hash, n.file_size::float8, p.nar_hash, p.nar_size::float8, p.deriver,
            coalesce((select string_agg(s.signature, ' ' order by s.signature collate "C") from store_signature s
              where s.base = p.base and not exists (select from signing_key k
                where k.public_key = s.public_key and k.retired_at is not null)), '') as signatures,
            coalesce((select string_agg(r.reference, ' ' order by r.reference collate "C")
              from store_reference r where r.referrer = p.base), '') as references
          from store_path p join nar n using (file_hash) where p.hash = ${hash}`
        return rows[0] ? toNarInfo(rows[0]) : null
      })

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

      const putNar = Effect.fnUntraced(function* (...receiving: Parameters<typeof files.receive>) {
        const facts = yield* files.receive(...receiving)
        yield* sql`insert into nar ${sql.insert({
          file_hash: facts.fileHash,
          file_size: facts.fileSize,
          nar_hash: facts.narHash,
          nar_size: facts.narSize,
          candidates: facts.candidates === null ? null : [...facts.candidates].join(" "),
        })} on conflict (file_hash) do nothing`
        return facts
      })

      const missing = (references: ReadonlyArray<StorePath>) =>
        Effect.map(
          sql<{ base: string }>`
            select base from json_array_elements_text(${JSON.stringify(references.map((r) => r.base))}::text::json) as wanted (base)
            where not exists (select from store_path p where p.base = wanted.base)`,
          (rows) => rows.map((row) => row.base),
        )

      const register = (info: NarInfo, uploadedBy: string, verified: ReadonlyArray<Signed>) =>
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
              uploaded_by: uploadedBy,
            })} on conflict do nothing returning base`
            if (fresh.length === 0) return
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
        uploadedBy: string,
        verified: ReadonlyArray<Signed> = [],
      ) {
        const known = yield* find(info.storePath.hash)
        if (known?.storePath.base === info.storePath.base) return yield* replaceLost(known, info)
        if (known !== null)
          return yield* new UploadRefused({ message: `another path has its hash: ${known.storePath.base}` })
        const nar = yield* narRow(info.fileHash)
        const others = info.references.filter((reference) => reference.base !== info.storePath.base)
        const problem = narInfoProblem(info, nar, yield* missing(others))
        if (problem !== null) return yield* new UploadRefused({ message: problem })
        yield* register(info, uploadedBy, verified)
      })

      return ArtifactStore.of({
        get publicKey() {
          return keys.live()[0]!.publicText
        },
        find,
        findNar,
        isWhole: (info) => files.has(info.fileHash),
        readNar: files.read,
        putNar,
        putNarInfo,
      })
    }),
  )
}
