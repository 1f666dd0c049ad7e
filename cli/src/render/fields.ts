import type { Style } from "./style.ts"

/** Names and values beneath each other; a field without a value is left out. Values must be safe already. */
export const fieldLines = (
  fields: ReadonlyArray<readonly [name: string, value: string]>,
  style: Style,
): ReadonlyArray<string> => {
  const width = Math.max(...fields.map(([name]) => name.length))
  const shown = fields.filter(([, value]) => value !== "")
  return shown.map(([name, value]) => `${style.dim(name.padEnd(width))}  ${value}`)
}
