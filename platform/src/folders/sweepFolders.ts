import { readdir, rm, stat } from "node:fs/promises"
import { join } from "node:path"
import type { FolderDigest } from "@skypanel/contract/Folder"
import type { OrganizationId } from "@skypanel/contract/Id"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { StorageFailed } from "../artifacts/errors.ts"
import { forgetUnused, knownFolders, unusedFolders } from "../store/Folders.ts"
import { databaseMadeMs } from "../store/Migrations.ts"

/** A file that nobody has written to for so long belongs to an upload that is gone. */
const staleMs = 15 * 60_000
const dayMs = 24 * 3_600_000

const onDisk = <A>(act: () => Promise<A>) =>
  Effect.tryPromise({
    try: act,
    catch: (cause) => new StorageFailed({ message: (cause as Error).message }),
  })

const list = (folder: string) =>
  readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return []
    throw error
  })

/** Names of the folder's files that nobody has written to for so long, but that are younger than `sinceMs`. */
const filesOlderThan = (folder: string, ms: number, sinceMs = 0) =>
  onDisk(async () => {
    const old: Array<string> = []
    for (const name of await list(folder)) {
      const found = await stat(join(folder, name)).catch(() => null)
      if (found?.isFile() && found.mtimeMs > sinceMs && Date.now() - found.mtimeMs > ms) old.push(name)
    }
    return old
  })

const remove = (file: string) => onDisk(() => rm(file, { force: true }))

/** The file goes before its row's transaction ends: whoever uploads the same again waits for that, and keeps its own. */
const removeUnused = (file: string, organization: OrganizationId, digest: FolderDigest) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    sql.withTransaction(
      Effect.flatMap(forgetUnused(organization, digest), (forgotten) =>
        forgotten ? remove(file) : Effect.void,
      ),
    ),
  )

/** Archives without a row: the platform was ended between the file and its row. */
const removeStrays = Effect.fnUntraced(function* (root: string, organization: string) {
  const folder = join(root, organization)
  const old = yield* filesOlderThan(folder, dayMs, yield* databaseMadeMs)
  if (old.length === 0) return
  const known = yield* knownFolders(organization as OrganizationId)
  for (const name of old) if (!known.has(name.replace(/\.tar\.gz$/, ""))) yield* remove(join(folder, name))
})

/** Removes what no service, release or unfinished deployment has used for a day, and what was left behind. */
export const sweepFolders = (
  root: string,
  incoming: string,
  pathOf: (organization: string, digest: string) => string,
) =>
  Effect.gen(function* () {
    for (const name of yield* filesOlderThan(incoming, staleMs)) yield* remove(join(incoming, name))
    for (const { organization_id, digest } of yield* unusedFolders)
      yield* removeUnused(pathOf(organization_id, digest), organization_id, digest)
    for (const name of yield* onDisk(() => list(root)))
      if (join(root, name) !== incoming) yield* removeStrays(root, name)
  })
