import { createReadStream } from "node:fs"
import { mkdir, open, rename, rm, stat } from "node:fs/promises"
import { dirname, join } from "node:path"
import type { Readable } from "node:stream"
import type { Folder, FolderDigest } from "@skypanel/contract/Folder"
import { FolderRefused } from "@skypanel/contract/folder/FolderEntry"
import type { OrganizationId } from "@skypanel/contract/Id"
import { Context, Effect, Layer, Semaphore } from "effect"
import type { SqlClient, SqlError } from "effect/sql"
import { ArtifactConfig } from "../artifacts/ArtifactConfig.ts"
import { StorageFailed, StorageFull } from "../artifacts/errors.ts"
import { folderBytesOf, saveFolder, touchFolder } from "../store/Folders.ts"
import { asTenant } from "../store/Tenant.ts"
import { receiveFolder } from "./receiveFolder.ts"
import { sweepFolders } from "./sweepFolders.ts"

type Failed = FolderRefused | StorageFull | StorageFailed | SqlError.SqlError

/** Of all folders that an organization may have at a time, compressed. */
const organizationBytes = 20 * 1024 ** 3

/** Of the uploads at a time, so that nobody's slow ones keep the others out. */
const uploadsEach = 2

const full = new Set(["ENOSPC", "EDQUOT", "EFBIG"])
const aborted = new Set(["ECONNRESET", "ERR_STREAM_PREMATURE_CLOSE", "ABORT_ERR"])

/** Says what a failed upload is: wrong content, no room, or a disk that does not work. */
const receiveError = (cause: unknown): FolderRefused | StorageFull | StorageFailed => {
  if (cause instanceof FolderRefused || cause instanceof StorageFull) return cause
  const { code = "", message } = cause as NodeJS.ErrnoException
  if (full.has(code)) return new StorageFull({ message: "there is no room for it" })
  if (aborted.has(code)) return new FolderRefused({ entry: null, reason: "the upload broke off" })
  if (/^(?:Z_|ERR_ZLIB)/.test(code))
    return new FolderRefused({ entry: null, reason: `the archive is not whole gzip (${code})` })
  return new StorageFailed({ message })
}

/** A rename is on the disk when its folder is. */
const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, "r")
  await handle.sync().finally(() => handle.close())
}

/** Folders that were uploaded or pushed, each kept once for its organization, under its digest. */
export class FolderStore extends Context.Service<
  FolderStore,
  {
    /** Whether it is there; it stays for a day from now on at least. */
    readonly find: (
      organization: OrganizationId,
      digest: FolderDigest,
    ) => Effect.Effect<Folder | null, SqlError.SqlError, SqlClient.SqlClient>
    /** Takes in an archive, a tar in gzip. On failure nothing of it stays. `digest` null: whatever it is. */
    readonly receive: (
      organization: OrganizationId,
      digest: FolderDigest | null,
      body: AsyncIterable<Buffer>,
    ) => Effect.Effect<Folder, Failed, SqlClient.SqlClient>
    /** The archive as it came. Errors come out of the stream. */
    readonly read: (organization: OrganizationId, digest: FolderDigest) => Readable
    /** Removes what nothing refers to. */
    readonly sweep: Effect.Effect<void, StorageFailed | SqlError.SqlError, SqlClient.SqlClient>
  }
>()("platform/folders/FolderStore") {
  static readonly layer = Layer.effect(
    FolderStore,
    Effect.gen(function* () {
      const { dataFolder, reserveBytes, uploads } = yield* ArtifactConfig
      const root = join(dataFolder, "folders")
      const incoming = join(root, "incoming")
      const pathOf = (organization: string, digest: string) => join(root, organization, `${digest}.tar.gz`)
      const permits = yield* Semaphore.make(uploads)
      const own = new Map<OrganizationId, Semaphore.Semaphore>()
      const ownOf = (organization: OrganizationId) => {
        const found = own.get(organization) ?? Semaphore.makeUnsafe(uploadsEach)
        own.set(organization, found)
        return found
      }

      const moveIn = (file: string, target: string) =>
        Effect.tryPromise({
          try: async () => {
            const made = await mkdir(dirname(target), { recursive: true })
            await rename(file, target)
            await syncFolder(dirname(target))
            if (made !== undefined) await syncFolder(root)
          },
          catch: receiveError,
        })

      return FolderStore.of({
        find: (organization, digest) =>
          Effect.gen(function* () {
            const folder = yield* asTenant(organization, touchFolder(organization, digest))
            if (folder === null) return null
            const there = yield* Effect.promise(() =>
              stat(pathOf(organization, digest)).then(
                (found) => found.isFile(),
                () => false,
              ),
            )
            return there ? folder : null
          }),
        receive: (organization, digest, body) =>
          Effect.gen(function* () {
            if ((yield* asTenant(organization, folderBytesOf(organization))) > organizationBytes)
              return yield* new FolderRefused({
                entry: null,
                reason:
                  "the organization's folders take all the room they may: delete services or wait a day",
              })
            return yield* Effect.acquireUseRelease(
              Effect.tryPromise({
                try: () => receiveFolder(body, { incoming, digest, reserveBytes }),
                catch: receiveError,
              }),
              (received) =>
                // The row is there for others when the file is: its transaction ends after the move.
                asTenant(
                  organization,
                  Effect.andThen(
                    saveFolder(organization, received),
                    moveIn(received.file, pathOf(organization, received.digest)),
                  ),
                ).pipe(Effect.as({ digest: received.digest, files: received.files, bytes: received.bytes })),
              (received) => Effect.promise(() => rm(received.file, { force: true })),
            )
          }).pipe(permits.withPermit, ownOf(organization).withPermit),
        read: (organization, digest) =>
          createReadStream(pathOf(organization, digest), { highWaterMark: 256 * 1024 }),
        sweep: sweepFolders(root, incoming, pathOf),
      })
    }),
  )
}
