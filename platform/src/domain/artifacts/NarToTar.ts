import { type NarLimits, NarReader, type NarVisitor } from "./NarReader.ts"
import type { StorePath } from "./StorePath.ts"
import { paddingOf, type TarEntry, tarHeader } from "./tar.ts"

/** Pieces smaller than this are gathered, since each piece handed on costs about as much as copying it. */
const directBytes = 32 * 1024
const gatherBytes = 256 * 1024

/** Turns one NAR that streams by into the entries of a tar, below `nix/store/<name>`. */
export class NarToTar implements NarVisitor {
  private readonly reader: NarReader
  private readonly root: string
  private readonly out: Array<Buffer> = []
  private gathered = Buffer.allocUnsafe(gatherBytes)
  private sent = 0
  private used = 0
  private left = 0
  private padding = 0

  constructor(storePath: StorePath, limits?: NarLimits) {
    this.root = storePath.path.slice(1)
    this.reader = new NarReader(this, limits)
  }

  /** The tar's bytes that these bytes of the NAR allow to write; they stay valid. Throws InvalidNar. */
  push(nar: Buffer): ReadonlyArray<Buffer> {
    this.reader.push(nar)
    return this.out.splice(0)
  }

  end(): ReadonlyArray<Buffer> {
    this.reader.end()
    this.flush()
    return this.out.splice(0)
  }

  directory(path: string): void {
    this.header({ kind: "directory", path: this.below(path) })
  }

  symlink(path: string, target: string): void {
    this.header({ kind: "symlink", path: this.below(path), target })
  }

  regular(path: string, executable: boolean, size: number): void {
    this.header({ kind: "file", path: this.below(path), size, mode: executable ? 0o555 : 0o444 })
    this.left = size
    this.padding = paddingOf(size)
  }

  contents(bytes: Buffer): void {
    this.left -= bytes.length
    this.write(bytes)
    if (this.left === 0) this.zeros(this.padding)
  }

  private below(path: string): string {
    return path === "" ? this.root : `${this.root}/${path}`
  }

  private header(entry: TarEntry): void {
    this.write(tarHeader(entry))
  }

  private zeros(count: number): void {
    this.makeRoom(count)
    this.gathered.fill(0, this.used, this.used + count)
    this.used += count
  }

  private write(bytes: Buffer): void {
    if (bytes.length >= directBytes) {
      this.flush()
      this.out.push(bytes)
      return
    }
    this.makeRoom(bytes.length)
    bytes.copy(this.gathered, this.used)
    this.used += bytes.length
  }

  private makeRoom(count: number): void {
    if (this.used + count <= gatherBytes) return
    this.flush()
    this.gathered = Buffer.allocUnsafe(gatherBytes)
    this.sent = 0
    this.used = 0
  }

  private flush(): void {
    if (this.used === this.sent) return
    this.out.push(this.gathered.subarray(this.sent, this.used))
    this.sent = this.used
  }
}
