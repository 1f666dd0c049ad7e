import { createHash } from "node:crypto"
import { gzipSync } from "node:zlib"
import type { FolderEntry } from "@skypanel/contract/folder/FolderEntry"
import { padding, tarEnd, tarHeader } from "@skypanel/contract/folder/tarHeader"
import type { Source } from "@skypanel/contract/Source"
import { token, type Workbench } from "./Workbench.ts"

/* For tests: folders as the platform hands them to a builder. */

type Entry = readonly [FolderEntry, Buffer]

export const file = (path: string, contents: string | Buffer, executable = false): Entry => [
  { kind: "file", path, bytes: Buffer.byteLength(contents), executable },
  Buffer.from(contents),
]
export const link = (path: string, target: string): Entry => [{ kind: "link", path, target }, Buffer.alloc(0)]

export const pack = (...entries: ReadonlyArray<Entry>): Buffer =>
  Buffer.concat([
    ...entries.flatMap(([entry, contents]) => [...tarHeader(entry), contents, padding(contents.length)]),
    tarEnd,
  ])

/** Puts the archive where the builder looks, as a platform would that checks nothing. */
export const offerFolder = (
  bench: Workbench,
  tar: Buffer,
  sent: Buffer = gzipSync(tar),
): Extract<Source, { _tag: "folder" }> => {
  bench.receiver.stored.set(`/folders/${token}`, sent)
  const digest = createHash("sha256").update(tar).digest("hex")
  return { _tag: "folder", digest, files: 1, bytes: tar.length, origin: "push", revision: "a".repeat(40) }
}
