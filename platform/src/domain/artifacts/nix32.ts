/** Nix' own base 32: no `e`, `o`, `t`, `u`; the last byte's high bits come first. */
export const nix32Alphabet = "0123456789abcdfghijklmnpqrsvwxyz"

const digitOf = new Map([...nix32Alphabet].map((character, value) => [character, value]))

/** How many characters `bytes` bytes take; 20 bytes take 32, 32 bytes take 52. */
export const nix32Length = (bytes: number): number => Math.ceil((bytes * 8) / 5)

export const encodeNix32 = (bytes: Uint8Array): string => {
  let text = ""
  for (let n = nix32Length(bytes.length) - 1; n >= 0; n--) {
    const bit = n * 5
    const index = bit >> 3
    const shift = bit & 7
    const word = bytes[index]! | ((bytes[index + 1] ?? 0) << 8)
    text += nix32Alphabet[(word >> shift) & 31]
  }
  return text
}

/** Null when a character is not of the alphabet, or the text is no whole number of bytes. */
export const decodeNix32 = (text: string): Uint8Array | null => {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8))
  if (nix32Length(bytes.length) !== text.length) return null
  for (let n = 0; n < text.length; n++) {
    const digit = digitOf.get(text[text.length - 1 - n]!)
    if (digit === undefined) return null
    const bit = n * 5
    const index = bit >> 3
    const shift = bit & 7
    bytes[index]! |= (digit << shift) & 255
    const carry = digit >> (8 - shift)
    if (index + 1 < bytes.length) bytes[index + 1]! |= carry
    else if (carry !== 0) return null
  }
  return bytes
}
