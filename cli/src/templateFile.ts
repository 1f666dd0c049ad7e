import { AddTemplate } from "@skypanel/contract/Template"
import { Effect, FileSystem, Path } from "effect"
import { checked, type Issue, refuse } from "./checked.ts"
import { readExpression } from "./expression.ts"

const command = "skypanel templates add"

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const refused = (file: string, message: string) => refuse([{ path: file, message }], command)

const read = (file: string) =>
  Effect.flatMap(FileSystem.FileSystem, (fs) =>
    fs
      .readFileString(file)
      .pipe(Effect.catchTag("PlatformError", () => Effect.fail(refused(file, "it cannot be read")))),
  )

/** Named by their keys in the file, as variables are in those of shipped templates. */
const listOf = (
  path: string,
  given: unknown,
  issues: Array<Issue>,
): ReadonlyArray<readonly [string, Fields]> => {
  if (given === undefined) return []
  if (isFields(given) && Object.values(given).every(isFields))
    return Object.entries(given as Record<string, Fields>)
  issues.push({ path, message: "write an object with an object for each name" })
  return []
}

const variableOf = ([name, { default: value, description }]: readonly [string, Fields]) => ({
  name,
  value: value ?? "",
  description: description ?? "",
})

const optionOf = ([name, given]: readonly [string, Fields]) => ({
  label: name,
  description: "",
  required: false,
  default: null,
  choices: [],
  min: null,
  max: null,
  variable: null,
  ...given,
  name,
})

/** A `template.json`, or the folder that has one; its icon and its `default.nix` are beside it. */
export const readTemplateFile = Effect.fnUntraced(function* (given: string, everyone: boolean) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const info = yield* fs.stat(given).pipe(Effect.catchTag("PlatformError", () => Effect.succeed(null)))
  const file = info?.type === "Directory" ? path.join(given, "template.json") : given
  const beside = (name: string) => path.join(path.dirname(file), name)
  const text = yield* read(file)
  const parsed = yield* Effect.try({
    try: () => JSON.parse(text) as unknown,
    catch: () => refused(file, "it is not JSON"),
  })
  if (!isFields(parsed)) return yield* refused(file, "it is not an object")
  const issues: Array<Issue> = []
  const { name, icon, expression, environment, options, version: _, ...rest } = parsed
  const definition = {
    healthPath: null,
    ...rest,
    icon: typeof icon === "string" && icon !== "" ? yield* read(beside(icon)) : "",
    expression: expression ?? (yield* readExpression(beside("default.nix"))),
    environment: listOf("environment", environment, issues).map(variableOf),
    options: listOf("options", options, issues).map(optionOf),
  }
  return yield* Effect.fromResult(checked(AddTemplate, { name, everyone, definition }, issues, command))
})
