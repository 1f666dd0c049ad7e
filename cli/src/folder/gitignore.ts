import { lstat, readFile } from "node:fs/promises"
import { dirname, join, relative } from "node:path"
import makeIgnore, { type Ignore } from "ignore"

/** A `.gitignore`, and the folder that it is in. */
export interface Rules {
  readonly folder: string
  readonly rules: Ignore
}

/** The folder's own `.gitignore`; as Git, none where it is a link. */
export const rulesIn = async (folder: string): Promise<ReadonlyArray<Rules>> => {
  const file = join(folder, ".gitignore")
  const found = await lstat(file).catch(() => null)
  if (!found?.isFile()) return []
  return [{ folder, rules: makeIgnore({ ignorecase: false }).add(await readFile(file, "utf8")) }]
}

const isRepository = (folder: string) =>
  lstat(join(folder, ".git")).then(
    () => true,
    () => false,
  )

/** Those that hold in a folder of a repository from above it, the repository's own first. */
export const rulesAbove = async (root: string): Promise<ReadonlyArray<Rules>> => {
  const above: Array<string> = []
  for (let folder = root; ; folder = dirname(folder)) {
    if (folder !== root) above.unshift(folder)
    if (await isRepository(folder)) return (await Promise.all(above.map(rulesIn))).flat()
    if (dirname(folder) === folder) return []
  }
}

/** What the rules say of a path; of a folder as such. */
const test = ({ folder, rules }: Rules, path: string, isFolder: boolean) =>
  rules.test(isFolder ? `${relative(folder, path)}/` : relative(folder, path))

/** Whether Git would ignore it: the rules that are nearest decide, and in each file the last one. */
export const isIgnored = (rules: ReadonlyArray<Rules>, path: string, isFolder: boolean): boolean => {
  for (const each of rules.toReversed()) {
    const { ignored, unignored } = test(each, path, isFolder)
    if (ignored || unignored) return ignored
  }
  return false
}

/**
 * The rules as they hold in a folder that is not ignored. Those that would ignore it, if nearer ones did not take it
 * back, count for what is in it by their own patterns only, not because the folder fits one.
 */
export const rulesWithin = (rules: ReadonlyArray<Rules>, path: string): ReadonlyArray<Rules> =>
  rules.map((each) => {
    if (!test(each, path, true).ignored) return each
    const literal = relative(each.folder, path).replaceAll(/[\\*?[\]!# ]/g, "\\$&")
    return { ...each, rules: makeIgnore({ ignorecase: false }).add(each.rules).add(`!/${literal}/`) }
  })
