/**
 * Reads a NAR (Nix archive; the grammar is figure 5.2 of Dolstra's thesis, libutil/archive.cc) as it streams by, and
 * refuses what Nix would not write: it is the wall between an upload and everything that is made from it later.
 * Strings are a little-endian 64-bit length, the bytes, and zeros up to a multiple of 8.
 *
 * Names are handed out as latin1 text: one character is one byte, so that they compare and convert bytewise.
 */
export interface NarVisitor {
  /** Paths are relative to the root, without a slash in front; the root itself is `""`. Parents come first. */
  directory(path: string): void
  symlink(path: string, target: string): void
  regular(path: string, executable: boolean, size: number): void
  /** The bytes of the regular file named before, in pieces: slices of what was pushed. */
  contents(bytes: Buffer): void
}

export interface NarLimits {
  readonly depth: number
  readonly entries: number
  readonly fileBytes: number
}

/** Nix ≥ 2.34.7 has the same depth; a USTAR header holds files below 8 GiB. */
export const narLimits: NarLimits = { depth: 64, entries: 2_000_000, fileBytes: 8 * 1024 ** 3 - 1 }

/** NAME_MAX and PATH_MAX - 1 of Linux. */
const nameBytes = 255
const targetBytes = 4095
const tokenBytes = 16

export class InvalidNar extends Error {
  override readonly name = "InvalidNar"
}

const refuse = (why: string): never => {
  throw new InvalidNar(why)
}

export class NarReader {
  private rest: Buffer = Buffer.alloc(0)
  private at = 0
  private entries = 0
  private ended = false
  private readonly steps: Iterator<void>
  private readonly visitor: NarVisitor
  private readonly limits: NarLimits

  constructor(visitor: NarVisitor, limits = narLimits) {
    this.visitor = visitor
    this.limits = limits
    this.steps = this.archive()
  }

  /** Throws InvalidNar. After that, or after the end, the reader is of no use. */
  push(bytes: Buffer): void {
    this.rest = this.at < this.rest.length ? Buffer.concat([this.rest.subarray(this.at), bytes]) : bytes
    this.at = 0
    if (!this.ended && this.steps.next().done) this.ended = true
    if (this.ended && this.at < this.rest.length) refuse("there are bytes after its end")
  }

  /** Call after the last push. Throws InvalidNar when the archive is not whole. */
  end(): void {
    if (!this.ended) refuse("it ends too early")
  }

  private *archive(): Generator<void, void> {
    yield* this.expect("nix-archive-1")
    yield* this.node("", 0)
  }

  private *node(path: string, depth: number): Generator<void, void> {
    if (depth > this.limits.depth) refuse(`folders are nested deeper than ${this.limits.depth}`)
    if (++this.entries > this.limits.entries) refuse(`it has more than ${this.limits.entries} files`)
    yield* this.expect("(")
    yield* this.expect("type")
    const type = this.text(tokenBytes) ?? (yield* this.slowText(tokenBytes))
    if (type === "regular") yield* this.regular(path)
    else if (type === "directory") yield* this.directory(path, depth)
    else if (type === "symlink") yield* this.symlink(path)
    else refuse("it has a file of an unknown type")
  }

  private *directory(path: string, depth: number): Generator<void, void> {
    this.visitor.directory(path)
    let before = ""
    for (;;) {
      const token = this.text(tokenBytes) ?? (yield* this.slowText(tokenBytes))
      if (token === ")") return
      if (token !== "entry") refuse("a folder holds something that is no entry")
      yield* this.expect("(")
      yield* this.expect("name")
      const name = this.text(nameBytes) ?? (yield* this.slowText(nameBytes))
      checkName(name, before)
      before = name
      yield* this.expect("node")
      yield* this.node(path === "" ? name : `${path}/${name}`, depth + 1)
      yield* this.expect(")")
    }
  }

  private *symlink(path: string): Generator<void, void> {
    yield* this.expect("target")
    const target = this.text(targetBytes) ?? (yield* this.slowText(targetBytes))
    if (target === "" || target.includes("\0")) refuse("a symbolic link has no valid target")
    this.visitor.symlink(path, target)
    yield* this.expect(")")
  }

  private *regular(path: string): Generator<void, void> {
    let token = this.text(tokenBytes) ?? (yield* this.slowText(tokenBytes))
    const executable = token === "executable"
    if (executable) {
      yield* this.expect("")
      token = this.text(tokenBytes) ?? (yield* this.slowText(tokenBytes))
    }
    if (token !== "contents") refuse("a regular file has no contents")
    while (this.rest.length - this.at < 8) yield
    const size = this.length(this.limits.fileBytes, "a file")
    this.at += 8
    this.visitor.regular(path, executable, size)
    for (let left = size; left > 0; ) {
      while (this.at === this.rest.length) yield
      const piece = this.rest.subarray(this.at, this.at + left)
      this.at += piece.length
      left -= piece.length
      this.visitor.contents(piece)
    }
    const padding = -size & 7
    while (this.rest.length - this.at < padding) yield
    this.zeros(padding)
    yield* this.expect(")")
  }

  private *expect(token: string): Generator<void, void> {
    const found = this.text(tokenBytes) ?? (yield* this.slowText(tokenBytes))
    if (found !== token) refuse(`it is not a Nix archive: "${token}" is missing`)
  }

  private *slowText(limit: number): Generator<void, string> {
    for (;;) {
      yield
      const text = this.text(limit)
      if (text !== undefined) return text
    }
  }

  /** The next string, or undefined while its bytes are not all here. */
  private text(limit: number): string | undefined {
    const { rest, at } = this
    if (rest.length - at < 8) return undefined
    const length = this.length(limit, "a name")
    const padding = -length & 7
    if (rest.length - at < 8 + length + padding) return undefined
    this.at = at + 8 + length
    const text = rest.toString("latin1", at + 8, this.at)
    this.zeros(padding)
    return text
  }

  private length(limit: number, what: string): number {
    const low = this.rest.readUInt32LE(this.at)
    const high = this.rest.readUInt32LE(this.at + 4)
    const length = high * 2 ** 32 + low
    return length <= limit ? length : refuse(`${what} is longer than ${limit} bytes`)
  }

  private zeros(count: number): void {
    for (const end = this.at + count; this.at < end; this.at++)
      if (this.rest[this.at] !== 0) refuse("its padding is not zero")
  }
}

const checkName = (name: string, before: string): void => {
  if (name === "" || name === "." || name === "..") refuse("a file has no valid name")
  if (name.includes("/") || name.includes("\0")) refuse("a file name has a slash or a zero byte")
  if (name === before) refuse("a folder holds the same name twice")
  if (name < before) refuse("the names in a folder are not sorted")
}
