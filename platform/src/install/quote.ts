/** For the shell: what is between single quotes is taken as it is. */
export const quoteShell = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/** For Nix: a string in which nothing is inserted. */
export const quoteNix = (text: string): string =>
  `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("${", "\\${")}"`

/** No fact has a line break or another control character; one that has would break out of a line of a file. */
export const oneLine = (text: string): string => {
  if (/\p{Cc}/u.test(text)) throw new Error(`a control character in ${JSON.stringify(text.slice(0, 100))}`)
  return text
}
