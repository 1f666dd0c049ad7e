const quote = 0x22
const backslash = 0x5c
const [brace, bracket, braceEnd, bracketEnd] = [0x7b, 0x5b, 0x7d, 0x5d]

/**
 * The objects of a JSON array, one by one as its bytes come. A list of a large fleet is hundreds of megabytes: as one
 * text it would stop everything else for seconds, and take several times its size of memory.
 */
export async function* jsonElements(chunks: AsyncIterable<Buffer>): AsyncGenerator<unknown> {
  let depth = 0
  let inText = false
  let escaped = false
  let held: ReadonlyArray<Buffer> = []
  for await (const chunk of chunks) {
    // Of the element that is open, from where it began in this chunk.
    let start = depth > 1 ? 0 : -1
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!
      if (inText) {
        if (escaped) escaped = false
        else if (byte === backslash) escaped = true
        else if (byte === quote) inText = false
      } else if (byte === quote) inText = true
      else if (byte === brace || byte === bracket) {
        if (depth === 1) start = at
        depth += 1
      } else if (byte === braceEnd || byte === bracketEnd) {
        depth -= 1
        if (depth !== 1) continue
        yield JSON.parse(Buffer.concat([...held, chunk.subarray(start, at + 1)]).toString())
        held = []
        start = -1
      }
    }
    if (start >= 0) held = [...held, chunk.subarray(start)]
  }
  if (depth !== 0) throw new Error("the list was cut off")
}
