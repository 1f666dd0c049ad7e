/* Folders of a repository, by their paths from its top: that is "". */

export const fileIn = (folder: string, name: string): string => (folder === "" ? name : `${folder}/${name}`)

/** The folder that a path is in. */
export const above = (path: string): string =>
  path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : ""

export const isWithin = (folder: string, outer: string): boolean =>
  outer === "" || `${folder}/`.startsWith(`${outer}/`)

/** A folder's path from another one that it is in. */
export const below = (folder: string, outer: string): string =>
  outer === "" ? folder : folder.slice(outer.length + 1)
