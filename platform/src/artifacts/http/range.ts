export interface ByteRange {
  readonly start: number
  /** Included. */
  readonly end: number
}

/**
 * The range that a `Range` header asks for (RFC 9110, section 14.1.2). Null when there is none, or one that we answer
 * with everything: other units and several ranges.
 */
export const parseRange = (header: string, size: number): ByteRange | "unsatisfiable" | null => {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header.trim())
  if (!match || (match[1] === "" && match[2] === "")) return null
  if (match[1] === "") {
    const length = Math.min(Number(match[2]), size)
    return length === 0 ? "unsatisfiable" : { start: size - length, end: size - 1 }
  }
  const start = Number(match[1])
  const end = match[2] === "" ? size - 1 : Math.min(Number(match[2]), size - 1)
  if (match[2] !== "" && Number(match[2]) < start) return null
  return start >= size ? "unsatisfiable" : { start, end }
}
