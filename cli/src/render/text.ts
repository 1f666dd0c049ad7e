import { hideInvisible } from "@skypanel/contract/invisible"
import type { Style } from "./style.ts"

/** ECMA-48: control sequences (CSI), strings (OSC, DCS, SOS, PM, APC) and two-character escapes. */
const escapes =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it finds
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c|$)|\u001b[ -/]*[0-~]/g

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it finds
const colour = /(\u001b\[[0-9;]{0,32}m)/

/** Text that others wrote, as one line that cannot steer the terminal. */
export const oneLine = (text: string): string =>
  hideInvisible(text.replace(/\r?\n/g, " ").replace(escapes, ""), "")

/** The same, keeping its lines. */
export const lines = (text: string): ReadonlyArray<string> => text.split(/\r?\n/).map(oneLine)

/** A log line: its colours stay where colours are shown, and end with the line. */
export const logText = (text: string, style: Style): string => {
  if (!style.colours) return oneLine(text)
  // Odd pieces are colours, all others are cleaned.
  const pieces = text.split(colour)
  const safe = pieces.map((piece, index) => (index % 2 === 1 ? piece : oneLine(piece))).join("")
  return pieces.length > 1 ? `${safe}\u001b[0m` : safe
}
