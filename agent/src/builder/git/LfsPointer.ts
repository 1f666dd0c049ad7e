import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { readSmall } from "../SourceTree.ts"

/** What Git has of a file that is kept in Git LFS. https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md */
export interface LfsPointer {
  readonly path: string
  /** Of the file. */
  readonly bytes: number
}

const pointerBytesMost = 1024
const attributesBytesMost = 256 * 1024

/** Of the file that a pointer stands for; null when the text is no pointer. */
export const pointedBytes = (text: string): number | null => {
  const pointer =
    /^version https:\/\/(?:git-lfs\.github\.com|hawser\.github\.com)\/spec\/v1\n(?:ext-[^\n]+\n)*oid sha256:[0-9a-f]{64}\nsize (\d{1,15})\n?$/
  const size = pointer.exec(text)?.[1]
  return size === undefined ? null : Number(size)
}

/**
 * The pointers in a folder: all of them, or those that a `.gitattributes` speaks of, which takes looking into few files. It
 * follows no link.
 */
export const findPointers = async (folder: string, which: "all" | "marked"): Promise<Array<LfsPointer>> => {
  const found: Array<LfsPointer> = []
  const look = async (below: string, marked: boolean): Promise<void> => {
    const entries = await readdir(join(folder, below), { withFileTypes: true })
    const attributes = entries.some(({ name }) => name === ".gitattributes")
      ? await readSmall(join(folder, below, ".gitattributes"), attributesBytesMost)
      : null
    const here = marked || /\bfilter=lfs\b/.test(attributes ?? "")
    for (const entry of entries) {
      const path = below === "" ? entry.name : `${below}/${entry.name}`
      if (entry.isDirectory()) await look(path, here)
      if (!here || !entry.isFile()) continue
      const bytes = pointedBytes((await readSmall(join(folder, path), pointerBytesMost)) ?? "")
      if (bytes !== null) found.push({ path, bytes })
    }
  }
  await look("", which === "all")
  return found
}

const namedMost = 5

/** “a.bin, b.bin and 3 more”. */
export const named = (paths: ReadonlyArray<string>): string =>
  paths.length <= namedMost
    ? paths.join(", ")
    : `${paths.slice(0, namedMost).join(", ")} and ${paths.length - namedMost} more`
