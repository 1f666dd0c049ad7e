import { Schema } from "effect"

/** SHA-256 of a folder's tar, in hexadecimal: the same files always have the same one (`folder/tarHeader.ts`). */
export const FolderDigest = Schema.String.check(
  Schema.isPattern(/^[0-9a-f]{64}$/, { message: "that is not a SHA-256 in hexadecimal" }),
)
export type FolderDigest = string

/** A folder that the platform has. */
export const Folder = Schema.Struct({
  digest: FolderDigest,
  files: Schema.Int,
  /** Of the files together. */
  bytes: Schema.Int,
})
export type Folder = typeof Folder.Type
