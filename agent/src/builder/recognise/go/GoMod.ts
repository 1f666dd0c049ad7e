/** What of a go.mod decides where its modules come from. */
export interface GoMod {
  /** Its module's path. */
  readonly path: string
  /** The version of Go that it asks for. */
  readonly version: string | null
  /** Modules that are to be had from elsewhere, with their lines: not those that a folder stands for. */
  readonly required: ReadonlyArray<{ readonly path: string; readonly line: number }>
  /** Folders that stand for modules, as they are written. */
  readonly folders: ReadonlyArray<{ readonly folder: string; readonly line: number }>
}

const lineMax = 1000
const word = /"[^"]*"|`[^`]*`|[^\s"`]+/g
const plain = (text: string) => text.replace(/^["`]|["`]$/g, "")

/** Statements of a go.mod or a go.work, each with its verb, whether they stand in a block or alone. */
export const statementsOf = (text: string) => {
  let block = ""
  return text.split("\n").flatMap((written, index) => {
    const words = Array.from(
      written
        .slice(0, lineMax)
        .replace(/\/\/.*$/, "")
        .replace(/[()]/g, " $& ")
        .matchAll(word),
      ([each]) => plain(each),
    )
    if (words[0] === ")") block = ""
    else if (words[1] === "(") block = words[0]!
    else if (words.length > 0)
      return [
        block === ""
          ? { verb: words[0]!, rest: words.slice(1), line: index + 1 }
          : { verb: block, rest: words, line: index + 1 },
      ]
    return []
  })
}

interface Replacement {
  readonly path: string
  /** Null: it is for every version that has none of its own. */
  readonly version: string | null
  readonly target: string
  readonly line: number
}

const isFolder = ({ target }: Replacement) => /^(?:\.{0,2}\/|\.{1,2}$)/.test(target)

export const parseGoMod = (text: string): GoMod => {
  const statements = statementsOf(text)
  const replacements = statements.flatMap(({ verb, rest, line }): ReadonlyArray<Replacement> => {
    const arrow = rest.indexOf("=>")
    if (verb !== "replace" || arrow < 1) return []
    const version = arrow === 1 ? null : rest[1]!
    return [{ path: rest[0]!, version, target: rest[arrow + 1] ?? "", line }]
  })
  // As Go has it: what is for the version counts before what is for all.
  const byModule = new Map(replacements.map((each) => [`${each.path} ${each.version ?? ""}`, each]))
  const replacementOf = (path: string, version: string) =>
    byModule.get(`${path} ${version}`) ?? byModule.get(`${path} `)
  const isLocal = (path: string, version: string) => {
    const replacement = replacementOf(path, version)
    return replacement !== undefined && isFolder(replacement)
  }
  return {
    path: statements.find(({ verb }) => verb === "module")?.rest[0] ?? "",
    version: statements.find(({ verb }) => verb === "go")?.rest[0] ?? null,
    required: statements.flatMap(({ verb, rest: [path = "", version = ""], line }) =>
      verb === "require" && path !== "" && !isLocal(path, version) ? [{ path, line }] : [],
    ),
    folders: replacements.filter(isFolder).map(({ target, line }) => ({ folder: target, line })),
  }
}
