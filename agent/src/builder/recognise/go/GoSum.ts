import { type LockSource, problem } from "../lock/Locked.ts"

/** A file that go.sum has a hash of. */
export interface GoFile {
  readonly path: string
  readonly version: string
  /** The module's archive, or its go.mod. */
  readonly kind: "zip" | "mod"
  /** Go's own: `h1:` and the SHA-256 of a list of what is in it. */
  readonly sum: string
  /** Where that stands. */
  readonly file: string
  readonly line: number
}

const linesMax = 20_000
const lineMax = 1000
const tidy = "Make it again with `go mod tidy`."

/** As Go has it: a host first, and nothing that would lead out of a folder. */
const pathSyntax =
  /^[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)+(?:\/[A-Za-z0-9_~-](?:[A-Za-z0-9._~-]*[A-Za-z0-9_~-])?)*$/
const versionSyntax = /^v\d{1,10}\.\d{1,10}\.\d{1,10}(?:-[0-9A-Za-z.-]{1,100})?(?:\+incompatible)?$/
const sumSyntax = /^h1:[A-Za-z0-9+/]{43}=$/

/** Go once wrote this of modules without a go.mod, and leaves it aside since. */
const sumOfNothing = "h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydY="
/** Go itself, as it is fetched by Go; here it is the package set's. */
const toolchain = "golang.org/toolchain"

const add = (source: LockSource, found: Map<string, GoFile>): void => {
  const { file } = source
  for (const [index, text] of source.text.split("\n").entries()) {
    const line = index + 1
    if (text.trim() === "") continue
    if (text.length > lineMax) throw problem(source, line, "the line is too long", tidy)
    const [path = "", full = "", sum = "", ...more] = text.trim().split(/\s+/)
    const version = full.replace(/\/go\.mod$/, "")
    if (more.length > 0 || !pathSyntax.test(path) || !versionSyntax.test(version))
      throw problem(source, line, "that is no module with its version and hash", tidy)
    // Hashes of another kind than h1 are for a Go that does not exist yet.
    if (sum === sumOfNothing || path === toolchain || !sum.startsWith("h1:")) continue
    if (!sumSyntax.test(sum)) throw problem(source, line, "that is no hash", tidy)
    const kind = version === full ? "zip" : "mod"
    const known = found.get(`${path} ${full}`)
    if (known !== undefined && known.sum !== sum)
      throw problem(
        source,
        line,
        `${path} ${full} has another hash in ${known.file === file ? "" : `${known.file}, `}line ${known.line}`,
        tidy,
      )
    found.set(`${path} ${full}`, known ?? { path, version, kind, sum, file, line })
    if (found.size > linesMax)
      throw problem(source, line, `it has more than ${linesMax} lines`, "Run `go mod tidy`.")
  }
}

/** Which files they name, each once. */
export const parseGoSums = (sources: ReadonlyArray<LockSource>): ReadonlyArray<GoFile> => {
  const found = new Map<string, GoFile>()
  for (const source of sources) add(source, found)
  return [...found.values()]
}
