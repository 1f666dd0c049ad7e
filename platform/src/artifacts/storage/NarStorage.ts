import type { Readable } from "node:stream"

export interface FoundFile {
  readonly fileHash: string
  readonly modifiedMs: number
}

/** The name of a file below where NARs are kept, the same on a disk and in a bucket. */
export const nameOfNar = (fileHash: string) => `nar/${fileHash.slice(0, 2)}/${fileHash}.nar.zst`

/** The SHA-256 in the last part of a name; null when it is none of ours. */
export const hashInName = (name: string): string | null =>
  /^([0-9a-f]{64})\.nar\.zst$/.exec(name.slice(name.lastIndexOf("/") + 1))?.[1] ?? null

export const isAbsent = (error: unknown) => (error as NodeJS.ErrnoException).code === "ENOENT"

/** Where NARs lie once they were found right. What it rejects with has the code ENOENT for a file that is not there. */
export interface NarStorage {
  /** Brings a file near its place, before its row is locked: what takes long. */
  readonly approach: (temporary: string, fileHash: string, signal: AbortSignal) => Promise<void>
  /** Puts it in its place, where it then is for good: what its row is locked for, so that it must not take long. */
  readonly place: (temporary: string, fileHash: string) => Promise<void>
  readonly has: (fileHash: string) => Promise<boolean>
  /** Also when it is not there. */
  readonly remove: (fileHash: string) => Promise<void>
  /** Those whose hash begins with these two digits. */
  readonly list: (prefix: string) => Promise<ReadonlyArray<FoundFile>>
  /** Bytes `start` to `end`, both included. Errors come out of the stream. */
  readonly read: (fileHash: string, range?: { readonly start: number; readonly end: number }) => Readable
  /** Free bytes of where it is; null where nobody knows. */
  readonly freeBytes: () => Promise<number | null>
  /** Removes what uploads left that are gone for longer than that. */
  readonly sweep: (staleMs: number) => Promise<void>
}
