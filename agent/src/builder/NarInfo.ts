/** What a binary cache says of a store path; who shows it relies on nothing in it. */
export interface NarInfo {
  readonly narBytes: number | null
  readonly fileBytes: number | null
  /** Store paths, without the path itself. */
  readonly references: ReadonlyArray<string>
}

const referencesMost = 2000

export const parseNarInfo = (text: string): NarInfo | null => {
  const fields = new Map(
    text.split("\n").flatMap((line) => {
      const colon = line.indexOf(": ")
      return colon < 0 ? [] : [[line.slice(0, colon), line.slice(colon + 2).trim()] as const]
    }),
  )
  const path = fields.get("StorePath")
  if (path === undefined) return null
  const bytes = (name: string) => {
    const value = fields.get(name) ?? ""
    return /^\d{1,15}$/.test(value) ? Number(value) : null
  }
  return {
    narBytes: bytes("NarSize"),
    fileBytes: bytes("FileSize"),
    references: (fields.get("References") ?? "")
      .split(" ")
      .filter((name) => /^[0-9a-z]{32}-[0-9a-zA-Z+._?=-]+$/.test(name))
      .map((name) => `/nix/store/${name}`)
      .filter((reference) => reference !== path)
      .slice(0, referencesMost),
  }
}
