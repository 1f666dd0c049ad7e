import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { createGzip } from "node:zlib"
import { InvalidInput, NotFound, Unauthorized, Unavailable } from "@skypanel/contract/Errors"
import { FolderRefused, sayRefused } from "@skypanel/contract/folder/FolderEntry"
import { formatSize } from "@skypanel/contract/Resources"
import type { Source } from "@skypanel/contract/Source"
import { Effect, Schema } from "effect"
import { BadInput, PlatformUnreachable } from "../Failure.ts"
import type { Place } from "../Platform.ts"
import { oneLine } from "../render/text.ts"
import { Screen } from "../Screen.ts"
import type { ListedFolder } from "./listFolder.ts"
import { digestFolder, packFolder } from "./packFolder.ts"

const Refusal = Schema.Union([InvalidInput, NotFound, Unauthorized, Unavailable])

/** What takes longer than a moment says how far it is, so often. */
const progressMs = 2000

const changedMeanwhile = (refused: FolderRefused) =>
  new BadInput({
    message: `The folder was not uploaded: ${sayRefused(refused)}.`,
    next: "Deploy it again when nothing writes to it.",
    issues: [],
  })

const packed = Effect.fnUntraced(function* (folder: ListedFolder) {
  return yield* Effect.tryPromise({
    try: () => digestFolder(folder),
    catch: (cause) =>
      cause instanceof FolderRefused
        ? changedMeanwhile(cause)
        : new BadInput({ message: "The folder cannot be read.", next: (cause as Error).message, issues: [] }),
  })
})

const send = (
  { connection, organization }: Place,
  folder: ListedFolder,
  digest: string,
  signal: AbortSignal,
  count: (bytes: number) => void,
) => {
  async function* counted() {
    for await (const chunk of packFolder(folder)) {
      count(chunk.length)
      yield chunk
    }
  }
  const gzip = createGzip({ level: 6 })
  const failed = pipeline(counted, gzip).then(
    () => null,
    (error: unknown) => error,
  )
  const answered = fetch(
    `${connection.url}/api/v1/organizations/${encodeURIComponent(organization)}/folders/${digest}`,
    {
      method: "PUT",
      headers: { authorization: `Bearer ${connection.token}`, "content-encoding": "gzip" },
      body: Readable.toWeb(gzip) as never,
      duplex: "half",
      signal,
    } as RequestInit,
  )
  return answered.catch(async (error) => {
    const reading = await Promise.race([failed, Promise.resolve(null)])
    throw reading instanceof FolderRefused ? reading : error
  })
}

const upload = (place: Place, folder: ListedFolder, digest: string, tarBytes: number) =>
  Effect.gen(function* () {
    const screen = yield* Screen
    let sent = 0
    const response = yield* Effect.tryPromise({
      try: (signal) =>
        send(place, folder, digest, signal, (bytes) => {
          sent += bytes
        }),
      catch: (cause) =>
        cause instanceof FolderRefused
          ? changedMeanwhile(cause)
          : new PlatformUnreachable({
              message: `The upload to ${place.connection.url} broke off.`,
              next: "Try again; if it stays so, look at the platform's own log.",
            }),
    }).pipe(
      Effect.raceFirst(
        Effect.suspend(() => screen.note(`uploading: ${Math.floor((100 * sent) / tarBytes)} %`)).pipe(
          Effect.delay(progressMs),
          Effect.forever,
        ),
      ),
    )
    if (response.status === 201) return
    const body = yield* Effect.promise(() => response.json().catch(() => null))
    return yield* Schema.decodeUnknownEffect(Refusal)(body).pipe(
      Effect.mapError(
        () =>
          new PlatformUnreachable({
            message: `${place.connection.url} did not take the folder (HTTP ${response.status}).`,
            next: "See that the platform and this command line are of the same version.",
          }),
      ),
      Effect.flatMap((refusal) => Effect.fail(refusal)),
    )
  })

/** Sees that the platform has the folder, and gives the source that it is. */
export const bringFolder = Effect.fnUntraced(function* (place: Place, folder: ListedFolder) {
  const screen = yield* Screen
  const files = folder.entries.length
  const ignored = folder.ignored === 0 ? "" : `; ${folder.ignored} left out by .gitignore`
  yield* screen.note(`${files} ${files === 1 ? "file" : "files"}, ${formatSize(folder.bytes)}${ignored}`)
  for (const path of folder.leftOut) yield* screen.note(`left out: ${oneLine(path)} is neither file nor link`)
  const { digest, tarBytes } = yield* packed(folder)
  const params = { organization: place.organization, digest }
  const known = yield* place.client.folders.get({ params }).pipe(
    Effect.as(true),
    Effect.catchTag("NotFound", () => Effect.succeed(false)),
  )
  if (known) yield* screen.note("nothing to upload: the platform has it")
  else {
    yield* upload(place, folder, digest, tarBytes)
    yield* screen.note("uploaded")
  }
  return {
    _tag: "folder",
    digest,
    files,
    bytes: folder.bytes,
    origin: "upload",
    revision: null,
  } satisfies Source
})
