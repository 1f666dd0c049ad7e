import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { StackPart, StackTemplate } from "@skypanel/contract/Stack"
import { Context, Effect, Layer, Schema } from "effect"
import { templateIssues } from "../domain/stacks/parts.ts"

const folder = new URL("../../../templates/stacks", import.meta.url).pathname
/** What stacks are made of; each has a `default.nix`. */
const partsFolder = "parts"

const { key: _, source: __, replicas: ___, ...partFields } = StackPart.fields

/** `stack.json` as it is on disk: the icon is a file beside it, services are named by their key and made of a part. */
const File = Schema.Struct({
  ...StackTemplate.fields,
  services: Schema.Record(Schema.String, Schema.Struct({ ...partFields, template: Schema.String })),
})

const decode = Schema.decodeUnknownPromise(Schema.fromJsonString(File))

const load = async (name: string): Promise<StackTemplate> => {
  const file = await decode(await readFile(join(folder, name, "stack.json"), "utf8"))
  const stack: StackTemplate = {
    ...file,
    icon: await readFile(join(folder, name, file.icon), "utf8"),
    services: Object.entries(file.services).map(([key, { template, ...part }]) => ({
      ...part,
      key,
      source: { _tag: "template", template },
      replicas: 1,
    })),
  }
  const [issue] = templateIssues(stack)
  if (issue !== undefined) throw new Error(`the stack ${name}, ${issue.path}: ${issue.message}`)
  return stack
}

/** The stacks that come with SkyPanel, read once at the start. */
export class StackTemplates extends Context.Service<
  StackTemplates,
  {
    readonly list: Effect.Effect<ReadonlyArray<StackTemplate>>
    readonly find: (name: string) => Effect.Effect<StackTemplate | null>
    /** What stacks are made of is called so. */
    readonly isPart: (name: string) => boolean
  }
>()("platform/templates/StackTemplates") {
  static readonly layer = Layer.effect(
    StackTemplates,
    Effect.gen(function* () {
      const stacks = yield* Effect.promise(async () => {
        const entries = await readdir(folder, { withFileTypes: true })
        const names = entries.filter((entry) => entry.isDirectory() && entry.name !== partsFolder)
        return Promise.all(names.map((entry) => load(entry.name)))
      })
      const parts = new Set(
        stacks.flatMap(({ services }) =>
          services.flatMap(({ source }) => (source._tag === "template" ? [source.template] : [])),
        ),
      )
      return StackTemplates.of({
        isPart: (name) => parts.has(name),
        list: Effect.succeed(stacks),
        find: (name) => Effect.sync(() => stacks.find((stack) => stack.name === name) ?? null),
      })
    }),
  )
}
