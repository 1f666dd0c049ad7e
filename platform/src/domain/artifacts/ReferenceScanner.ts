import { nix32Alphabet } from "./nix32.ts"

const hashLength = 32
/** A NAR that names more distinct paths than this is a list of them, not a program. */
const candidateLimit = 20_000

const inAlphabet = new Uint8Array(256)
for (const character of nix32Alphabet) inAlphabet[character.charCodeAt(0)] = 1

/**
 * Collects what could be the hash part of a store path in a NAR that streams by. A path's hash stands after a slash
 * or before a dash, and neither is in the alphabet: so the first and the last 32 characters of every run are enough,
 * and input made to slow us down costs two candidates a run.
 */
export class ReferenceScanner {
  private readonly found = new Set<string>()
  private carry = Buffer.alloc(0)
  /** Length so far of the run that the bytes before ended in; its first 32 are reported already. */
  private run = 0
  private overflow = false

  push(bytes: Buffer): void {
    if (this.overflow || bytes.length === 0) return
    const joined = this.carry.length > 0 ? Buffer.concat([this.carry, bytes]) : bytes
    this.scan(joined, this.carry.length)
    if (this.found.size > candidateLimit) this.overflow = true
    this.carry = Buffer.from(joined.subarray(Math.max(0, joined.length - hashLength)))
  }

  /** Null when there were too many to keep, so that nothing can be said. */
  candidates(): ReadonlySet<string> | null {
    if (this.run >= hashLength) this.report(this.carry, this.carry.length)
    return this.overflow ? null : this.found
  }

  /** Reports the hash that ends before `end`. */
  private report(bytes: Buffer, end: number): void {
    this.found.add(bytes.toString("latin1", end - hashLength, end))
  }

  private scan(bytes: Buffer, from: number): void {
    let at = from
    let run = this.run
    while (at < bytes.length) {
      if (run === 0) at = this.nextRun(bytes, at)
      let end = at
      while (end < bytes.length && inAlphabet[bytes[end]!] === 1) end++
      const before = run
      run += end - at
      if (before < hashLength && run >= hashLength) this.report(bytes, at + hashLength - before)
      if (end < bytes.length) {
        if (run > hashLength) this.report(bytes, end)
        run = 0
      }
      at = end
    }
    this.run = run
  }

  /** Where the next run of 32 can begin: a byte outside the alphabet rules out all starts up to it. */
  private nextRun(bytes: Buffer, from: number): number {
    let start = from
    for (;;) {
      const limit = start + hashLength - 1
      if (limit >= bytes.length) return this.tail(bytes, start)
      let back = limit
      while (back >= start && inAlphabet[bytes[back]!] === 1) back--
      if (back < start) return start
      start = back + 1
    }
  }

  /** Fewer than 32 bytes are left: the run that reaches the end, if any, may go on in the next piece. */
  private tail(bytes: Buffer, start: number): number {
    let at = bytes.length
    while (at > start && inAlphabet[bytes[at - 1]!] === 1) at--
    return at
  }
}
