/** A run of text in one style. Colours are names of our own palette, or `#rrggbb` from the 256 and true colours. */
export interface Span {
  readonly text: string
  readonly colour: string | null
  readonly background: string | null
  readonly bold: boolean
  readonly dim: boolean
  readonly italic: boolean
  readonly underline: boolean
}

type Style = Omit<Span, "text">

const plain: Style = {
  colour: null,
  background: null,
  bold: false,
  dim: false,
  italic: false,
  underline: false,
}

const names = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"]
const hex = (value: number): string => value.toString(16).padStart(2, "0")
const level = (index: number): number => (index === 0 ? 0 : 55 + 40 * index)

/** The xterm palette: 16 names, a 6 × 6 × 6 cube, 24 greys. */
const indexed = (index: number): string | null => {
  if (!(index >= 0 && index <= 255)) return null
  if (index < 8) return names[index]!
  if (index < 16) return `bright-${names[index - 8]}`
  if (index >= 232) return `#${hex(8 + 10 * (index - 232)).repeat(3)}`
  const cube = index - 16
  return `#${hex(level(Math.floor(cube / 36)))}${hex(level(Math.floor(cube / 6) % 6))}${hex(level(cube % 6))}`
}

/** Reads `5;n` or `2;r;g;b` after 38 or 48; says how many parameters it used. */
const extended = (codes: readonly number[]): { colour: string | null; used: number } => {
  if (codes[0] === 5) return { colour: indexed(codes[1] ?? -1), used: 2 }
  if (codes[0] !== 2) return { colour: null, used: 1 }
  const rgb = [codes[1], codes[2], codes[3]].map((value) => Math.min(255, Math.max(0, value ?? 0)))
  return { colour: `#${rgb.map(hex).join("")}`, used: 4 }
}

const simple = (style: Style, code: number): Style => {
  if (code === 0) return plain
  if (code === 1) return { ...style, bold: true }
  if (code === 2) return { ...style, dim: true }
  if (code === 3) return { ...style, italic: true }
  if (code === 4) return { ...style, underline: true }
  if (code === 22) return { ...style, bold: false, dim: false }
  if (code === 23) return { ...style, italic: false }
  if (code === 24) return { ...style, underline: false }
  if (code === 39) return { ...style, colour: null }
  if (code === 49) return { ...style, background: null }
  if (code >= 30 && code <= 37) return { ...style, colour: names[code - 30]! }
  if (code >= 40 && code <= 47) return { ...style, background: names[code - 40]! }
  if (code >= 90 && code <= 97) return { ...style, colour: `bright-${names[code - 90]}` }
  if (code >= 100 && code <= 107) return { ...style, background: `bright-${names[code - 100]}` }
  return style
}

const restyle = (style: Style, parameters: string): Style => {
  const codes = parameters === "" ? [0] : parameters.split(/[;:]/).map((part) => Number(part || 0))
  let next = style
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at]!
    if (code === 38 || code === 48) {
      const { colour, used } = extended(codes.slice(at + 1))
      next = code === 38 ? { ...next, colour } : { ...next, background: colour }
      at += used
    } else next = simple(next, code)
  }
  return next
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the control sequences of ECMA-48
const sequence = /\u001b\[([0-9;:]*)([@-~])|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b./g
// biome-ignore lint/suspicious/noControlCharactersInRegex: what is left of them must not reach the screen
const control = /[\u0000-\u0008\u000b-\u001f\u007f]/g

/** Splits a line at its SGR sequences (ECMA-48, section 8.3.117); all other control sequences vanish. */
export const parseAnsi = (line: string): readonly Span[] => {
  const spans: Span[] = []
  let style = plain
  let from = 0
  const push = (text: string) => {
    const clean = text.replace(control, "")
    if (clean !== "") spans.push({ ...style, text: clean })
  }
  if (!line.includes("\u001b")) {
    push(line)
    return spans
  }
  for (const match of line.matchAll(sequence)) {
    push(line.slice(from, match.index))
    from = match.index + match[0].length
    if (match[2] === "m") style = restyle(style, match[1]!)
  }
  push(line.slice(from))
  return spans
}

/** The line as it is searched, copied and downloaded. */
export const stripAnsi = (line: string): string =>
  (line.includes("\u001b") ? line.replace(sequence, "") : line).replace(control, "")
