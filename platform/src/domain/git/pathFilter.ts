import { oneLine } from "../oneLine.ts"

/*
 * Path patterns as in a .gitignore: `*` and `?` within a name, `**` over several folders, a pattern without a slash at
 * any depth, a folder with all that is in it, `!` for the contrary; the last one that fits decides. They are a
 * customer's, and files a stranger's: it takes no longer than the length of both together, multiplied, and that is
 * bounded: nobody else is heard meanwhile.
 */

/** A tenth of a second or so; 1,500 files of 60 characters for ten patterns of 16. */
const comparisonsMost = 2e7

/** Greedy with one way back, for a list of parts of which `star` stands for any number. */
const fits = <P, T>(
  pattern: ReadonlyArray<P>,
  text: ReadonlyArray<T>,
  star: P,
  same: (pattern: P, text: T) => boolean,
): boolean => {
  let [at, in_, starAt, from] = [0, 0, -1, 0]
  while (at < text.length) {
    if (in_ < pattern.length && pattern[in_] === star) {
      starAt = in_++
      from = at
    } else if (in_ < pattern.length && same(pattern[in_]!, text[at]!)) {
      in_++
      at++
    } else if (starAt >= 0) {
      in_ = starAt + 1
      at = ++from
    } else return false
  }
  while (pattern[in_] === star) in_++
  return in_ === pattern.length
}

const nameFits = (pattern: string, name: string): boolean =>
  fits([...pattern], [...name], "*", (one, character) => one === "?" || one === character)

const foldersOf = (pattern: string): ReadonlyArray<string> => {
  const parts = pattern.split("/").filter((part) => part !== "")
  const anchored = pattern.replace(/\/+$/, "").includes("/")
  return anchored ? parts : ["**", ...parts]
}

/** A file in a folder that fits is in what fits. */
const pathFits = (pattern: ReadonlyArray<string>, path: string): boolean =>
  fits([...pattern, "**"], path.split("/"), "**", nameFits)

/** Each counts, also one without a character. */
const lengthOf = (texts: ReadonlyArray<string>): number =>
  texts.reduce((sum, text) => sum + text.length + 1, 0)

/** Is one of the files among what the patterns name? Without a pattern every file is; too many to tell count as if. */
export const touches = (patterns: ReadonlyArray<string>, files: ReadonlyArray<string>): boolean => {
  if (lengthOf(patterns) * lengthOf(files) > comparisonsMost) return true
  const rules = patterns.map((pattern) =>
    pattern.startsWith("!")
      ? { wanted: false, parts: foldersOf(pattern.slice(1)) }
      : { wanted: true, parts: foldersOf(pattern) },
  )
  // Whoever only says what not wants all the rest.
  const otherwise = rules.every(({ wanted }) => !wanted)
  return files.some((file) => rules.findLast(({ parts }) => pathFits(parts, file))?.wanted ?? otherwise)
}

const namePlaces = (files: ReadonlyArray<string>): string => {
  const places = [...new Set(files.map((file) => file.replace(/^([^/]+\/).*$/, "$1")))]
  if (places.length <= 3) return places.join(places.length === 2 ? " and " : ", ")
  return `${places.slice(0, 2).join(", ")} and ${places.length - 2} others`
}

const shownMost = 200

/** Such as "docs/ and README.md", for people: one line that is not long, whatever the names are. */
export const describeFiles = (files: ReadonlyArray<string>): string => {
  return oneLine(namePlaces(files), shownMost)
}
