import { AddTemplate } from "@skypanel/contract/Template"
import { isBeside, readTemplateFile } from "@skypanel/contract/TemplateFile"
import { templateLimits } from "@skypanel/contract/TemplateOptions"
import { Effect, FileSystem, Path } from "effect"
import { checked, refuse } from "./checked.ts"
import { readExpression } from "./expression.ts"
import { readText } from "./textInput.ts"

const command = "skypanel templates add"

/** A file of a description, and how others are read that are beside it; `given` may be the folder that has it. */
export const openDescription = Effect.fnUntraced(function* (given: string, name: string, command: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const info = yield* fs.stat(given).pipe(Effect.catchTag("PlatformError", () => Effect.succeed(null)))
  // Whole paths: one that was `-` would be standard input.
  const file = path.resolve(info?.type === "Directory" ? path.join(given, name) : given)
  const beside = (name: string) => path.resolve(path.dirname(file), name)
  const next = `Correct that and try again; \`${command} --help\` says which files are read.`
  const text = yield* readText(file, {
    what: "The description",
    path: name,
    maxBytes: templateLimits.definitionCharacters,
    next,
  })
  const picture = { what: "The icon", path: "icon", maxBytes: templateLimits.iconCharacters, next }
  /** Its picture, where it names one. */
  const readIcon = (icon: unknown) => {
    if (typeof icon !== "string" || icon === "") return Effect.succeed("")
    return isBeside(icon)
      ? readText(beside(icon), picture)
      : Effect.fail(
          refuse([{ path: "icon", message: `name a file beside ${name}, such as icon.svg` }], command),
        )
  }
  return { text, beside, readIcon }
})

/** A `template.json`, or the folder that has one; its icon and its `default.nix` are beside it. */
export const readTemplate = Effect.fnUntraced(function* (given: string, everyone: boolean) {
  const { text, beside, readIcon } = yield* openDescription(given, "template.json", command)
  const found = readTemplateFile(text)
  if (found.issues !== null) return yield* refuse(found.issues, command)
  const { name } = found
  const definition = {
    ...found.definition,
    icon: yield* readIcon(found.icon),
    expression: yield* readExpression(beside("default.nix")),
  }
  return yield* Effect.fromResult(checked(AddTemplate, { name, everyone, definition }, [], command))
})
