/** The entries of one of the proxy's maps. */
export type Entries = ReadonlyMap<string, string>

export interface MapChange {
  readonly added: ReadonlyArray<readonly [key: string, value: string]>
  readonly set: ReadonlyArray<readonly [key: string, value: string]>
  readonly removed: ReadonlyArray<string>
}

export const changeBetween = (before: Entries, after: Entries): MapChange => {
  const fresh = Array.from(after).filter(([key, value]) => before.get(key) !== value)
  return {
    added: fresh.filter(([key]) => !before.has(key)),
    set: fresh.filter(([key]) => before.has(key)),
    removed: Array.from(before.keys()).filter((key) => !after.has(key)),
  }
}

export const sizeOf = ({ added, set, removed }: MapChange): number =>
  added.length + set.length + removed.length

/** As the proxy reads it when it starts: one `key value` per line. Equal maps are equal texts. */
export const textOf = (entries: Entries): string =>
  Array.from(entries, ([key, value]) => `${key} ${value}\n`)
    .toSorted()
    .join("")

export const entriesOf = (text: string): Entries =>
  new Map(
    text.split("\n").flatMap((line) => {
      const at = line.indexOf(" ")
      return at <= 0 ? [] : [[line.slice(0, at), line.slice(at + 1)] as const]
    }),
  )
