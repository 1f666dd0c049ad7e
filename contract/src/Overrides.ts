import { Schema } from "effect"

/** What a repository can be built as; a builder knows the same ones, or says that it does not. */
export const sourceKinds = [
  "flake",
  "nix",
  "dockerfile",
  "deno",
  "nodejs",
  "python",
  "go",
  "php",
  "ruby",
  "rust",
  "static",
] as const

/** Characters of a command; commands are shown to people. */
export const commandMax = 500
export const argumentMax = 2000
export const argumentsMax = 50
/** Of all together, as JSON. */
const overridesMax = 16 * 1024

export const overridePatterns = {
  command: /^(?=.*\S)[^\r\n\0]+$/,
  path: /^(?!(?:.*\/)?\.\.(?:\/|$))[A-Za-z0-9._@+-][A-Za-z0-9._@+/-]{0,199}$/,
  node: /^[0-9A-Za-z.*^~<>=|/ -]{1,40}$/,
  process: /^[A-Za-z0-9_-]{1,40}$/,
  target: /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/,
  // BuildKit's own arguments say what it is and does itself.
  argumentName: /^(?!BUILDKIT_)[A-Za-z_][A-Za-z0-9_]{0,99}$/,
  argument: /^[^\r\n\0]*$/,
}
const { command, path, node, process, target, argumentName, argument } = overridePatterns

/** What each may be, in words. */
export const overrideWords = {
  command: `a command of one line, at most ${commandMax} characters`,
  path: "a path in the repository such as apps/web, without .. and without a leading /",
  node: 'a version or a range as text, such as "24" or ">=22"',
  process: "the name of a process of the Procfile or of [processes]",
  target: "the name of a stage, as after AS",
  argument: `a text of one line, at most ${argumentMax} characters`,
}

const pattern = (expression: RegExp, message: string) =>
  Schema.String.check(Schema.isPattern(expression, { message }))
const Command = Schema.String.check(
  Schema.isPattern(command, { message: `that is not ${overrideWords.command}` }),
  Schema.isMaxLength(commandMax, { message: `that is not ${overrideWords.command}` }),
)
const Path = pattern(path, `that is not ${overrideWords.path}`)

/**
 * What a service says of how its repository or folder is built and started: the tables of a `skypanel.toml`, each of whose
 * keys goes before the one in the file, and `start` as a whole.
 */
export const Overrides = Schema.Struct({
  build: Schema.optionalKey(
    Schema.Struct({
      path: Schema.optionalKey(Path),
      /** One of `sourceKinds`. An agent of before may not know it. */
      kind: Schema.optionalKey(pattern(/^[a-z]{1,20}$/, "that is no kind")),
      command: Schema.optionalKey(Command),
      node: Schema.optionalKey(pattern(node, `that is not ${overrideWords.node}`)),
      packages: Schema.optionalKey(Schema.Literals(["lock", "set"])),
    }),
  ),
  start: Schema.optionalKey(
    Schema.Struct({
      command: Schema.optionalKey(Command),
      process: Schema.optionalKey(pattern(process, `that is not ${overrideWords.process}`)),
    }),
  ),
  static: Schema.optionalKey(
    Schema.Struct({ folder: Schema.optionalKey(Path), fallback: Schema.optionalKey(Path) }),
  ),
  dockerfile: Schema.optionalKey(
    Schema.Struct({
      file: Schema.optionalKey(Path),
      target: Schema.optionalKey(pattern(target, `that is not ${overrideWords.target}`)),
    }),
  ),
  arguments: Schema.optionalKey(
    Schema.Record(
      Schema.String,
      Schema.String.check(
        Schema.isPattern(argument, { message: `that is not ${overrideWords.argument}` }),
        Schema.isMaxLength(argumentMax, { message: `that is not ${overrideWords.argument}` }),
      ),
    ).check(
      // A checked key schema would drop the names that it does not match, without a word.
      Schema.isPropertyNames(pattern(argumentName, "that is no name of an argument")),
      Schema.isMaxProperties(argumentsMax, { message: `at most ${argumentsMax} arguments` }),
    ),
  ),
}).check(
  Schema.makeFilter((overrides) =>
    JSON.stringify(overrides).length <= overridesMax ? undefined : "together they are at most 16 KiB",
  ),
)
export type Overrides = typeof Overrides.Type

/** Everything that can be said but `arguments`, as people write it. */
export const overrideKeys = [
  "build.path",
  "build.kind",
  "build.command",
  "build.node",
  "build.packages",
  "start.command",
  "start.process",
  "static.folder",
  "static.fallback",
  "dockerfile.file",
  "dockerfile.target",
] as const
export type OverrideKey = (typeof overrideKeys)[number]

/** Each by its key, such as `build.path` or `arguments.VERSION`. */
export const overrideEntries = (overrides: Overrides): ReadonlyArray<readonly [key: string, value: string]> =>
  Object.entries(overrides).flatMap(([table, values]) =>
    Object.entries(values).map(([key, value]) => [`${table}.${key}`, String(value)] as const),
  )

/** The overrides of these keys; an empty value is none. Whether they may be so, the schema says. */
export const overridesOf = (entries: Iterable<readonly [key: string, value: string]>): Overrides => {
  const tables = new Map<string, Array<readonly [string, string]>>()
  for (const [key, value] of entries) {
    const dot = key.indexOf(".")
    if (value.trim() === "" && !key.startsWith("arguments.")) continue
    const table = key.slice(0, dot)
    tables.set(table, [...(tables.get(table) ?? []), [key.slice(dot + 1), value]])
  }
  return Object.fromEntries(Array.from(tables, ([table, values]) => [table, Object.fromEntries(values)]))
}
