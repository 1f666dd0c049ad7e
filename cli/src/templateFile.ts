import { AddTemplate } from "@skypanel/contract/Template"
import { readTemplateFile } from "@skypanel/contract/TemplateFile"
import { Effect, FileSystem, Path } from "effect"
import { checked, refuse } from "./checked.ts"
import { readExpression } from "./expression.ts"

const command = "skypanel templates add"

const read = (file: string) =>
  Effect.flatMap(FileSystem.FileSystem, (fs) =>
    fs
      .readFileString(file)
      .pipe(
        Effect.catchTag("PlatformError", () =>
          Effect.fail(refuse([{ path: file, message: "it cannot be read" }], command)),
        ),
      ),
  )

/** A `template.json`, or the folder that has one; its icon and its `default.nix` are beside it. */
export const readTemplate = Effect.fnUntraced(function* (given: string, everyone: boolean) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const info = yield* fs.stat(given).pipe(Effect.catchTag("PlatformError", () => Effect.succeed(null)))
  const file = info?.type === "Directory" ? path.join(given, "template.json") : given
  const beside = (name: string) => path.join(path.dirname(file), name)
  const found = readTemplateFile(yield* read(file))
  if (found.issues !== null) return yield* refuse(found.issues, command)
  const { name, icon } = found
  const definition = {
    ...found.definition,
    icon: typeof icon === "string" && icon !== "" ? yield* read(beside(icon)) : "",
    expression: yield* readExpression(beside("default.nix")),
  }
  return yield* Effect.fromResult(checked(AddTemplate, { name, everyone, definition }, [], command))
})
