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

export const parseGoMod = (text: string): GoMod => {
  const statements = statementsOf(text)
  const replaced = statements.flatMap(({ verb, rest, line }) => {
    const target = rest[rest.indexOf("=>") + 1] ?? ""
    return verb === "replace" && /^(?:\.{0,2}\/|\.{1,2}$)/.test(target)
      ? [{ path: rest[0]!, folder: target, line }]
      : []
  })
  const local = new Set(replaced.map(({ path }) => path))
  return {
    path: statements.find(({ verb }) => verb === "module")?.rest[0] ?? "",
    version: statements.find(({ verb }) => verb === "go")?.rest[0] ?? null,
    required: statements.flatMap(({ verb, rest: [path = ""], line }) =>
      verb === "require" && path !== "" && !local.has(path) ? [{ path, line }] : [],
    ),
    folders: replaced.map(({ folder, line }) => ({ folder, line })),
  }
}
