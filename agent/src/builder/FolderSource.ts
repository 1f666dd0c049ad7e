import { createHash } from "node:crypto"
import { chown, mkdir, open, rm } from "node:fs/promises"
import { join } from "node:path"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { createGunzip } from "node:zlib"
import { FolderRefused, folderLimits, sayRefused } from "@skypanel/contract/folder/FolderEntry"
import { FolderReader } from "@skypanel/contract/folder/FolderReader"
import { formatSize } from "@skypanel/contract/Resources"
import type { Source } from "@skypanel/contract/Source"
import { Data, Effect, Result } from "effect"
import { type BuildFailed, buildFailed } from "./BuildFailed.ts"
import type { BuildSpace } from "./BuildSpace.ts"
import { runConfined } from "./ConfinedProcess.ts"
import { confine, fetcherId } from "./Confinement.ts"

type FolderSource = Extract<Source, { _tag: "folder" }>

/** How long a platform that does not answer is asked again. */
const patienceMs = 300_000
const downloadMs = 300_000
const unpackSeconds = 300

/** `again`: the platform did not answer, or answered that it cannot now. */
class DownloadFailed extends Data.TaggedError("DownloadFailed")<{ readonly again: boolean }> {}

/** Writes the archive decompressed. It is examined as the platform has examined it: a builder trusts no source. */
const receive = async (body: ReadableStream<Uint8Array>, to: string, source: FolderSource, bytes: number) => {
  const hash = createHash("sha256")
  const reader = new FolderReader({ entry() {}, content() {} }, { bytes })
  const file = await open(to, "wx", 0o644)
  const gunzip = createGunzip({ chunkSize: 64 * 1024 })
  try {
    let packed = 0
    const fed = pipeline(
      Readable.fromWeb(body as never),
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          packed += chunk.length
          if (packed > folderLimits.packedBytes)
            throw new FolderRefused({ entry: null, reason: "the archive is too large" })
          yield chunk
        }
      },
      gunzip,
    )
    fed.catch(() => undefined) // it is awaited below, unless the archive is refused first
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      hash.update(chunk)
      reader.push(chunk)
      await file.writeFile(chunk)
    }
    await fed
    reader.end()
  } finally {
    gunzip.destroy()
    await file.close()
  }
  if (hash.digest("hex") !== source.digest)
    throw new FolderRefused({ entry: null, reason: "it is not what was uploaded: its SHA-256 differs" })
}

const download = (space: BuildSpace, source: FolderSource, path: string, to: string) =>
  Effect.tryPromise({
    try: async (signal) => {
      await rm(to, { force: true })
      const response = await fetch(`${space.config.controlPlane}${path}`, {
        signal: AbortSignal.any([signal, AbortSignal.timeout(downloadMs)]),
      })
      if (response.status !== 200 || response.body === null) {
        await response.body?.cancel()
        throw new DownloadFailed({ again: response.status >= 500 })
      }
      await receive(response.body, to, source, space.assignment.limits.sourceBytes)
    },
    catch: (cause) =>
      cause instanceof FolderRefused || cause instanceof DownloadFailed
        ? cause
        : new DownloadFailed({ again: true }),
  })

/** A platform that does not answer may be starting: it is asked again for a while. */
const fetchArchive = (space: BuildSpace, source: FolderSource, path: string, to: string) =>
  Effect.gen(function* () {
    const deadline = Date.now() + patienceMs
    for (let pauseMs = 250; ; pauseMs = Math.min(pauseMs * 2, 5000)) {
      const result = yield* Effect.result(download(space, source, path, to))
      if (Result.isSuccess(result)) return
      const { failure } = result
      if (failure._tag === "FolderRefused")
        return yield* buildFailed(
          "source-refused",
          `The folder is not taken: ${sayRefused(failure)}.`,
          "Correct that and deploy again.",
        )
      if (!failure.again || Date.now() > deadline)
        return yield* buildFailed(
          "source-not-found",
          "The folder could not be fetched from the platform.",
          "Deploy it again; if it stays so, ask the operator.",
        )
      space.note("the platform does not answer; trying again")
      yield* Effect.sleep(pauseMs)
    }
  })

/**
 * Brings the folder's archive from the platform and unpacks it into `space.folder`/source. It is examined before, here
 * too, and what unpacks it is an unprivileged user that sees nothing but archive and folder.
 */
export const fetchFolder = (space: BuildSpace, source: FolderSource): Effect.Effect<string, BuildFailed> =>
  Effect.gen(function* () {
    const path = space.assignment.folderPath
    if (path === undefined)
      return yield* buildFailed(
        "internal",
        "The platform did not say where the folder is.",
        "Deploy it again.",
      )
    const archive = join(space.folder, "source.tar")
    const folder = join(space.folder, "source")
    yield* fetchArchive(space, source, path, archive)
    yield* Effect.promise(async () => {
      await rm(folder, { recursive: true, force: true })
      await mkdir(folder)
      await chown(folder, fetcherId, fetcherId)
    })
    const lines: Array<string> = []
    const ended = yield* runConfined(
      confine(
        space.host,
        {
          as: "fetcher",
          network: null,
          writable: [{ from: folder, to: "/source" }],
          readable: [{ from: archive, to: "/archive.tar" }],
          scratchBytes: 16 * 1024 * 1024,
          fileBytes: space.assignment.limits.sourceBytes,
          addressBytes: space.group.bounded ? null : space.assignment.limits.memoryBytes,
          environment: { LC_ALL: "C" },
        },
        [
          ...["tar", "--extract", "--file=/archive.tar", "--directory=/source"],
          ...["--no-same-owner", "--no-same-permissions", "--keep-old-files"],
        ],
      ),
      {
        group: space.group,
        seconds: unpackSeconds,
        outputBytes: 1024 * 1024,
        onLine: (_, line) => {
          if (lines.length < 20) lines.push(line)
        },
      },
    )
    yield* Effect.promise(() => rm(archive, { force: true }))
    if (ended.exitCode !== 0)
      return yield* buildFailed(
        "source-refused",
        "The folder's files could not be written.",
        "The lines show what was said; correct that and deploy again.",
        { lines },
      )
    space.note(
      `fetched the folder (${source.files === 1 ? "1 file" : `${source.files} files`}, ${formatSize(source.bytes)})`,
    )
    return folder
  })
