import { constants } from "node:fs"
import { lstat, open, readdir, readlink, realpath } from "node:fs/promises"
import { join, relative } from "node:path"
import { Effect } from "effect"
import { type BuildFailed, buildFailed } from "./BuildFailed.ts"

/** A source's top level, as far as recognising it needs. */
export interface SourceTree {
  /** Names at the top level, sorted; folders end in `/`. */
  readonly names: ReadonlyArray<string>
  /** Contents of the small files that say what a source is; those that are too large or no files are missing. */
  readonly files: Readonly<Record<string, string>>
}

/** The files whose contents are looked at. */
export const tellingFiles = [
  "package.json",
  "package-lock.json",
  "npm-shrinkwrap.json",
  "requirements.txt",
  "pyproject.toml",
  "go.mod",
  "Procfile",
  "index.html",
  "flake.nix",
  "flake.lock",
  "default.nix",
] as const
const fileBytesMax = 4 * 1024 * 1024

const readSmall = async (path: string): Promise<string | null> => {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    () => null,
  )
  if (file === null) return null
  try {
    const stat = await file.stat()
    return stat.isFile() && stat.size <= fileBytesMax ? await file.readFile("utf8") : null
  } finally {
    await file.close()
  }
}

/** Reads without following links. */
export const readSourceTree = (folder: string): Effect.Effect<SourceTree> =>
  Effect.promise(async () => {
    const entries = await readdir(folder, { withFileTypes: true })
    const names = entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)).sort()
    const files: Record<string, string> = {}
    for (const name of tellingFiles) {
      const text = names.includes(name) ? await readSmall(join(folder, name)) : null
      if (text !== null) files[name] = text
    }
    return { names, files }
  })

const inside = (folder: string, path: string) => {
  const way = relative(folder, path)
  return way !== ".." && !way.startsWith("../") && !way.startsWith("/")
}

/** The first link whose end is outside the folder; null when there is none. */
const findEscape = async (root: string, folder: string): Promise<string | null> => {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) {
      const found = await findEscape(root, path)
      if (found !== null) return found
    } else if (entry.isSymbolicLink()) {
      const target = await readlink(path)
      // A link to nothing is judged by its text: what it names may exist elsewhere.
      const end = await realpath(path).catch(() => (target.startsWith("/") ? target : join(folder, target)))
      if (!inside(root, end)) return path
    } else if (!(await lstat(path)).isFile()) return path
  }
  return null
}

/** Links stay links, but each has to end inside the source. */
export const refuseEscapingLinks = (folder: string): Effect.Effect<void, BuildFailed> =>
  Effect.gen(function* () {
    const root = yield* Effect.promise(() => realpath(folder))
    const found = yield* Effect.promise(() => findEscape(root, root))
    if (found === null) return
    return yield* buildFailed(
      "source-refused",
      `The link ${relative(root, found)} leads out of the repository.`,
      "Replace it by the file itself, or by a relative link to a file in the repository.",
    )
  })
