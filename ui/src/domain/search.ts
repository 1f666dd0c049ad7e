/** A piece of text and whether it is a hit of the search. */
export interface Piece {
  readonly text: string
  readonly hit: boolean
}

/** Where `needle` stands in `text`, ignoring case; none for an empty needle. */
export const hitsIn = (text: string, needle: string): readonly (readonly [from: number, to: number])[] => {
  if (needle === "") return []
  const hits: [number, number][] = []
  const haystack = text.toLowerCase()
  // Lower-casing can change the length ("İ"); then positions would be off, so such a line is searched as it is.
  const [where, what] = haystack.length === text.length ? [haystack, needle.toLowerCase()] : [text, needle]
  for (let at = where.indexOf(what); at >= 0; at = where.indexOf(what, at + what.length))
    hits.push([at, at + what.length])
  return hits
}

/** Cuts a part of a line (from `offset` on) at the hits of the whole line. */
export const cutAtHits = (
  part: string,
  offset: number,
  hits: readonly (readonly [number, number])[],
): readonly Piece[] => {
  if (hits.length === 0) return [{ text: part, hit: false }]
  const pieces: Piece[] = []
  let at = 0
  for (const [from, to] of hits) {
    const start = Math.max(0, from - offset)
    const end = Math.min(part.length, to - offset)
    if (end <= at || start >= part.length) continue
    if (start > at) pieces.push({ text: part.slice(at, start), hit: false })
    pieces.push({ text: part.slice(Math.max(at, start), end), hit: true })
    at = end
  }
  if (at < part.length) pieces.push({ text: part.slice(at), hit: false })
  return pieces
}

/** Do all words of the query stand in the text, in any order? For the command palette. */
export const matchesWords = (text: string, query: string): boolean => {
  const lower = text.toLowerCase()
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => lower.includes(word))
}
