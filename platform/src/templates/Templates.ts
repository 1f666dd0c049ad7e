import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { Template } from "@skypanel/contract/Template"
import { Context, Effect, Layer, Schema } from "effect"

const folder = new URL("../../../templates", import.meta.url).pathname

/** `template.json` as it is on disk: the icon is a file beside it, variables are named by their key. */
const { owner: _, ...fields } = Template.fields
const File = Schema.Struct({
  ...fields,
  options: Schema.Struct({}),
  environment: Schema.Record(
    Schema.String,
    Schema.Struct({ default: Schema.String, description: Schema.String }),
  ),
})

const decode = Schema.decodeUnknownPromise(Schema.fromJsonString(File))

const load = async (name: string): Promise<typeof Template.Type | null> => {
  const text = await readFile(join(folder, name, "template.json"), "utf8").catch(() => null)
  if (text === null) return null
  const file = await decode(text)
  return {
    ...file,
    owner: "skypanel",
    options: [],
    icon: await readFile(join(folder, name, file.icon), "utf8"),
    environment: Object.entries(file.environment).map(([name, variable]) => ({
      name,
      value: variable.default,
      description: variable.description,
    })),
  }
}

/** The templates that come with SkyPanel, read once at the start. */
export class Templates extends Context.Service<
  Templates,
  {
    readonly list: Effect.Effect<ReadonlyArray<typeof Template.Type>>
    readonly find: (name: string) => Effect.Effect<typeof Template.Type | null>
  }
>()("platform/templates/Templates") {
  static readonly layer = Layer.effect(
    Templates,
    Effect.gen(function* () {
      const templates = yield* Effect.promise(async () => {
        const names = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory())
        const loaded = await Promise.all(names.map((entry) => load(entry.name)))
        return loaded.filter((template) => template !== null)
      })
      return Templates.of({
        list: Effect.succeed(templates),
        find: (name) => Effect.sync(() => templates.find((template) => template.name === name) ?? null),
      })
    }),
  )
}
