import {
  compareBytes,
  type FolderEntry,
  FolderRefused,
  folderLimits,
  linkProblem,
  pathProblem,
} from "./FolderEntry.ts"
import { parsePax, parseTarHeader, type TarHeader } from "./tarFields.ts"
import { blockBytes, padding } from "./tarHeader.ts"

export interface FolderVisitor {
  readonly entry: (entry: FolderEntry) => void
  /** A part of the content of the file that came last. */
  readonly content: (bytes: Uint8Array) => void
}

/** Pax records of one entry are at most two paths. */
const paxBytesMax = 4096
/** Git pads its archives to twenty blocks. */
const endBlocksMax = 40

/**
 * Reads the tar of a folder as it comes and refuses whatever is not one: what is neither file nor link, leads out,
 * comes twice, stands in what is no folder, or is more than it may be. What it has passed on can be unpacked.
 */
export class FolderReader {
  readonly #visitor: FolderVisitor
  readonly #limits: { readonly files: number; readonly bytes: number }
  #block = new Uint8Array(blockBytes)
  #filled = 0
  /** Content that is still to come, and zeros after it. */
  #left = 0
  #padding = 0
  #pax: { readonly global: boolean; bytes: Uint8Array; at: number } | null = null
  #long: { readonly path?: string; readonly linkpath?: string } = {}
  #last: Uint8Array = new Uint8Array()
  /** Of files and links: nothing can be in them. */
  readonly #leaves = new Set<string>()
  #entries = 0
  #headers = 0
  #endBlocks = 0
  files = 0
  bytes = 0

  constructor(visitor: FolderVisitor, limits: { readonly files?: number; readonly bytes?: number } = {}) {
    this.#visitor = visitor
    this.#limits = { files: folderLimits.files, bytes: folderLimits.bytes, ...limits }
  }

  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#left > 0) {
        const part = chunk.subarray(at, at + this.#left)
        at += part.length
        this.#left -= part.length
        this.#take(part)
      } else if (this.#padding > 0) {
        const skipped = Math.min(this.#padding, chunk.length - at)
        at += skipped
        this.#padding -= skipped
      } else {
        const part = chunk.subarray(at, at + blockBytes - this.#filled)
        at += part.length
        this.#block.set(part, this.#filled)
        this.#filled += part.length
        if (this.#filled === blockBytes) {
          this.#filled = 0
          this.#header(this.#block)
        }
      }
    }
  }

  end(): void {
    if (this.#endBlocks < 2) throw new FolderRefused({ entry: null, reason: "the archive breaks off" })
    if (this.#filled > 0) throw new FolderRefused({ entry: null, reason: "something follows the archive" })
  }

  #take(part: Uint8Array): void {
    if (this.#pax === null) {
      this.#visitor.content(part)
      return
    }
    this.#pax.bytes.set(part, this.#pax.at)
    this.#pax.at += part.length
    if (this.#left > 0) return
    const { global, bytes } = this.#pax
    this.#pax = null
    const records = parsePax(bytes)
    // Git writes the commit into a global one.
    if (!global) this.#long = records
  }

  #header(block: Uint8Array): void {
    if (block.every((byte) => byte === 0)) {
      this.#endBlocks++
      if (this.#endBlocks > endBlocksMax)
        throw new FolderRefused({ entry: null, reason: "something follows the archive" })
      return
    }
    if (this.#endBlocks > 0)
      throw new FolderRefused({ entry: null, reason: "something follows the archive's end" })
    // Each entry has one of its own and at most one before it; Git writes one for them all.
    if (++this.#headers > 2 * this.#limits.files + 2)
      throw new FolderRefused({ entry: null, reason: "the archive has too many headers" })
    const header = parseTarHeader(block)
    this.#expect(header.bytes)
    if (header.type === "x" || header.type === "g") {
      if (header.bytes === 0 || header.bytes > paxBytesMax)
        throw new FolderRefused({ entry: null, reason: "a header of the archive is too long" })
      this.#pax = { global: header.type === "g", bytes: new Uint8Array(header.bytes), at: 0 }
      return
    }
    const long = this.#long
    this.#long = {}
    this.#entry(header, long.path ?? header.path, long.linkpath ?? header.target)
  }

  #expect(bytes: number): void {
    this.#left = bytes
    this.#padding = padding(bytes).length
  }

  #entry(header: TarHeader, name: string, target: string): void {
    const folder = header.type === "5"
    const path = folder ? name.replace(/\/$/, "") : name
    const refuse = (reason: string): never => {
      throw new FolderRefused({ entry: name, reason })
    }
    if (header.type !== "0" && header.type !== "2" && !folder)
      refuse(`it is ${header.type === "1" ? "a hard link" : "neither file nor link"}`)
    const problem = pathProblem(path)
    if (problem !== null) refuse(problem)
    for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1))
      if (this.#leaves.has(path.slice(0, at))) refuse("it is in something that is no folder")
    if (++this.#entries > this.#limits.files) refuse(`there are more than ${this.#limits.files} files`)
    if (folder) {
      if (header.bytes > 0) refuse("it is a folder with content")
      return
    }
    const bytes = new TextEncoder().encode(path)
    const order = this.#last.length === 0 ? -1 : compareBytes(this.#last, bytes)
    if (order === 0) refuse("it is there twice")
    if (order > 0) refuse("it is not in its place: entries are sorted by their path")
    this.#last = bytes
    this.#leaves.add(path)
    if (header.type === "2") {
      const problem = linkProblem(path, target)
      if (problem !== null) refuse(problem)
      if (header.bytes > 0) refuse("it is a link with content")
      this.files++
      this.#visitor.entry({ kind: "link", path, target })
      return
    }
    this.bytes += header.bytes
    if (this.bytes > this.#limits.bytes) refuse(`the folder is larger than ${this.#limits.bytes} bytes`)
    this.files++
    this.#visitor.entry({ kind: "file", path, bytes: header.bytes, executable: header.executable })
  }
}
