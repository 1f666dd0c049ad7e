import { Schema } from "effect"

/** What a folder may be that is deployed. Platform and builder hold to it alike, whoever packed the folder. */
export const folderLimits = {
  files: 50_000,
  /** Of all files together. */
  bytes: 512 * 1024 ** 2,
  /** Of the archive, compressed. */
  packedBytes: 512 * 1024 ** 2,
  pathBytes: 1024,
  nameBytes: 255,
} as const

/** A file or a link of a folder; folders are there because something is in them, as in Git. */
export type FolderEntry =
  | {
      readonly kind: "file"
      readonly path: string
      readonly bytes: number
      readonly executable: boolean
    }
  | { readonly kind: "link"; readonly path: string; readonly target: string }

/** What is not taken as a folder, and which entry of it is the reason. */
export class FolderRefused extends Schema.TaggedError<FolderRefused>()("FolderRefused", {
  entry: Schema.NullOr(Schema.String),
  reason: Schema.String,
}) {}

export const sayRefused = ({ entry, reason }: FolderRefused): string =>
  entry === null ? reason : `${JSON.stringify(entry)}: ${reason}`

const utf8 = new TextEncoder()

export const byteLength = (text: string): number => utf8.encode(text).length

/** By their bytes, as Git sorts: JavaScript's own order of strings differs beyond U+FFFF. */
export const compareBytes = (a: Uint8Array, b: Uint8Array): number => {
  const end = Math.min(a.length, b.length)
  for (let at = 0; at < end; at++) if (a[at] !== b[at]) return a[at]! - b[at]!
  return a.length - b.length
}

export const comparePaths = (a: string, b: string): number => compareBytes(utf8.encode(a), utf8.encode(b))

/** Why a path names nothing below the folder, or nothing that may be there; null when all is well. */
export const pathProblem = (path: string): string | null => {
  if (path === "") return "it has no name"
  if (path.includes("\0")) return "its name has a NUL in it"
  if (path.startsWith("/")) return "its name is absolute"
  if (byteLength(path) > folderLimits.pathBytes)
    return `its path is longer than ${folderLimits.pathBytes} bytes`
  for (const name of path.split("/")) {
    if (name === "" || name === "." || name === "..") return "its path leads through “.”, “..” or nothing"
    if (byteLength(name) > folderLimits.nameBytes)
      return `its name is longer than ${folderLimits.nameBytes} bytes`
    if (name.toLowerCase() === ".git") return "what is in .git is not deployed"
  }
  return null
}

/**
 * Why a link may lead out of the folder. Only its beginning may go up: after the name of another link, `..` would go
 * up from wherever that one leads. So each link stays inside, and with that each way through several of them.
 */
export const linkProblem = (path: string, target: string): string | null => {
  if (target === "" || target.includes("\0")) return "it is a link to nothing"
  if (target.startsWith("/")) return "it is a link to an absolute path"
  if (byteLength(target) > folderLimits.pathBytes)
    return `it is a link to a path longer than ${folderLimits.pathBytes} bytes`
  const parts = target.split("/").filter((part) => part !== "" && part !== ".")
  const ups = parts.findIndex((part) => part !== "..")
  const leading = ups < 0 ? parts.length : ups
  if (leading > path.split("/").length - 1) return "it is a link that leads out of the folder"
  if (parts.lastIndexOf("..") >= leading) return "it is a link with “..” in its middle"
  return null
}
