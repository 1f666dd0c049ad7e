import type { SourceTree } from "../SourceTree.ts"
import type { View } from "./Recognised.ts"

/** The tree's folder (`""` for all of it, else ending in `/`), as if nothing else were there. */
export const viewOf = (tree: SourceTree, folder: string): View => {
  const paths = [...tree.paths].flatMap((path) =>
    path.startsWith(folder) && path !== folder ? [path.slice(folder.length)] : [],
  )
  const known = new Set(paths)
  return {
    has: (path) => known.has(path),
    text: (path) =>
      Object.hasOwn(tree.files, `${folder}${path}`) ? tree.files[`${folder}${path}`] : undefined,
    names: paths.filter((path) => /^[^/]+\/?$/.test(path)).sort(),
    paths,
  }
}
