import type { DeploymentFailure } from "@skypanel/contract/Deployment"
import { hideStore } from "./StorePaths.ts"

/* Reads the messages of Nix's evaluator, without colours: 2.8 prints the error first, 2.20 and newer print it last. */

type Location = DeploymentFailure["location"]

/** The message after the last `error:`; newer Nix puts the trace before it, older ones after it. */
export const messageOf = (lines: ReadonlyArray<string>): string => {
  const starts = lines.flatMap((line, index) => (/^\s*error:/.test(line) ? [index] : []))
  const withText = starts.filter((index) => !/^\s*error:\s*$/.test(lines[index]!))
  const start = withText.at(-1)
  if (start === undefined) return lines.find((line) => line.trim() !== "")?.trim() ?? ""
  const message = [lines[start]!.replace(/^\s*error:\s*/, "")]
  for (const line of lines.slice(start + 1)) {
    if (line.trim() === "" || /^\s*(?:at |…|\(use|\d+\|)/.test(line)) break
    message.push(line.trim())
  }
  return message.join("\n")
}

/** `at /nix/store/<hash>-source/x.nix:3:5:`, which Nix 2.8 to 2.35 print; the one nearest to the message. */
export const locationOf = (lines: ReadonlyArray<string>): Location => {
  const starts = lines.flatMap((line, index) => (/^\s*error:\s*\S/.test(line) ? [index] : []))
  const places = lines.flatMap((line, index) => {
    const match = /^\s*at (\/\S.*?|«\S.*?»\S*?):(\d+):(\d+):/.exec(line)
    if (!match) return []
    const file = hideStore(match[1]!)
    return [{ index, file, line: Number(match[2]), column: Number(match[3]) }]
  })
  const own = places.filter(({ file }) => isOwn(file))
  const after = starts.at(-1) ?? 0
  const place = own.find(({ index }) => index > after) ?? own.at(-1)
  return place ? { file: place.file, line: place.line, column: place.column } : null
}

/** Files of the customer; not those of the package set or of our own text around them. */
const isOwn = (file: string) =>
  !file.startsWith("«") && !file.startsWith("packages/") && !file.startsWith("builders/")

/** Without the places in our own text around the expression, and without options that nobody here can set. */
export const shownLines = (lines: ReadonlyArray<string>): ReadonlyArray<string> => {
  const shown: Array<string> = []
  let inOwn = false
  for (const line of lines) {
    if (/^\s*at «/.test(line)) inOwn = true
    else if (!/^\s*(?:\d*\||$)/.test(line)) inOwn = false
    if (!inOwn && line.trim() !== "" && !/--show-trace|^warning: unknown (?:setting|experimental)/.test(line))
      shown.push(hideStore(plain(line)))
  }
  return shown
}

/** Without advice that does not apply here. */
export const plain = (message: string) => message.replace(/ \(use '--impure' to override\)/, "")
