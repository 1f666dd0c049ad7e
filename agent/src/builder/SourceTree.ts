import { constants } from "node:fs"
import { lstat, open, readdir, readlink, realpath } from "node:fs/promises"
import { join, relative } from "node:path"
import { Effect } from "effect"
import { type BuildFailed, buildFailed } from "./BuildFailed.ts"
import { narDepthMost } from "./NarHash.ts"
import { isTelling } from "./recognise/TellingFiles.ts"

/** A source, as far as recognising it needs. Paths are relative to its top, without a leading `./`. */
export interface SourceTree {
  /** What is there, nearest to the top first; folders end in `/`. Large and installed folders are not looked into. */
  readonly paths: ReadonlySet<string>
  /** Contents of the small files that say what a source is; those that are too large or no files are missing. */
  readonly files: Readonly<Record<string, string>>
}

const fileBytesMax = 4 * 1024 * 1024
const allBytesMax = 32 * 1024 * 1024
const pathsMax = 20_000
const depthMax = 6
/** What was installed or generated says nothing about a source. */
const skipped = new Set([".git", "node_modules", "vendor", ".venv", "venv", "target"])

export const readSmall = async (path: string, bytesMax: number): Promise<string | null> => {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    () => null,
  )
  if (file === null) return null
  try {
    const stat = await file.stat()
    return stat.isFile() && stat.size <= bytesMax ? await file.readFile("utf8") : null
  } finally {
    await file.close()
  }
}

/** Reads without following links, level by level, so that what is at the top is always seen. */
export const readSourceTree = (folder: string): Effect.Effect<SourceTree> =>
  Effect.promise(async () => {
    const paths = new Set<string>()
    const files: Record<string, string> = {}
    let left = allBytesMax
    let level = [""]
    for (let depth = 0; depth < depthMax && level.length > 0; depth++) {
      const next: Array<string> = []
      for (const parent of level) {
        const entries = await readdir(join(folder, parent), { withFileTypes: true })
        for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
          if (paths.size >= pathsMax) return { paths, files }
          const path = `${parent}${entry.name}`
          paths.add(entry.isDirectory() ? `${path}/` : path)
          if (entry.isDirectory() && !skipped.has(entry.name)) next.push(`${path}/`)
          if (!entry.isFile() || !isTelling(path)) continue
          const text = await readSmall(join(folder, path), Math.min(fileBytesMax, left))
          if (text === null) continue
          files[path] = text
          left -= Buffer.byteLength(text)
        }
      }
      level = next
    }
    return { paths, files }
  })

const inside = (folder: string, path: string) => {
  const way = relative(folder, path)
  return way !== ".." && !way.startsWith("../") && !way.startsWith("/")
}

/** Names that are no UTF-8 are read with this in them, and then lead to nothing. */
const notText = "\ufffd"

/** Why a file is not taken: what is wrong with its path, and what to do. */
interface Refusal {
  readonly path: string
  readonly title: (path: string) => string
  readonly next: string
}

const escapes = (path: string): Refusal => ({
  path,
  title: (shown) => `The link ${shown} leads out of the repository.`,
  next: "Replace it by the file itself, or by a relative link to a file in the repository.",
})
const unnamed = (path: string): Refusal => ({
  path,
  title: (shown) => `The name ${shown} is not UTF-8.`,
  next: "Give the file a name in UTF-8.",
})
const tooDeep = (path: string): Refusal => ({
  path,
  title: () => `A folder of the repository is nested deeper than ${narDepthMost}.`,
  next: "Keep its folders less deep.",
})

/** The first file that cannot be taken; null when there is none. */
const findRefused = async (root: string, folder: string, depth: number): Promise<Refusal | null> => {
  if (depth >= narDepthMost) return tooDeep(folder)
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.name.includes(notText)) return unnamed(path)
    if (entry.isDirectory()) {
      const found = await findRefused(root, path, depth + 1)
      if (found !== null) return found
    } else if (entry.isSymbolicLink()) {
      const target = await readlink(path)
      // A link to nothing is judged by its text: what it names may exist elsewhere.
      const end = await realpath(path).catch(() => (target.startsWith("/") ? target : join(folder, target)))
      if (!inside(root, end)) return escapes(path)
    } else if (!(await lstat(path)).isFile()) return escapes(path)
  }
  return null
}

/** Links stay links, but each has to end inside the source; names are text, and folders as deep as Nix takes them. */
export const refuseUnfitFiles = (folder: string): Effect.Effect<void, BuildFailed> =>
  Effect.gen(function* () {
    const root = yield* Effect.promise(() => realpath(folder))
    const found = yield* Effect.promise(() => findRefused(root, root, 0))
    if (found === null) return
    return yield* buildFailed("source-refused", found.title(relative(root, found.path)), found.next)
  })
