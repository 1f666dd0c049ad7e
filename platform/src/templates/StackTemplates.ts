import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import type { StackTemplate } from "@skypanel/contract/Stack"
import { readStackFile } from "@skypanel/contract/StackFile"
import { WrittenStack } from "@skypanel/contract/StackTemplate"
import { Context, Effect, Layer, Schema } from "effect"
import { stackIssues } from "../domain/stacks/parts.ts"
import { noDefaults, partOf } from "../domain/stacks/written.ts"

const folder = new URL("../../../templates/stacks", import.meta.url).pathname
/** What stacks are made of; each has a `default.nix`. */
const partsFolder = "parts"

const decode = Schema.decodeUnknownPromise(WrittenStack)

/** A folder with a `stack.json` as people write them, and an icon beside it. */
const load = async (name: string): Promise<StackTemplate> => {
  const wrong = (path: string, message: string) => new Error(`the stack ${name}, ${path}: ${message}`)
  const file = readStackFile(await readFile(join(folder, name, "stack.json"), "utf8"))
  if (file.issues !== null) throw wrong(file.issues[0]!.path, file.issues[0]!.message)
  const icon = await readFile(join(folder, name, String(file.icon)), "utf8")
  const { services, ...about } = await decode({ ...file.definition, icon })
  const parts = Object.entries(services).map(([key, part]) => partOf(key, part, part.source, noDefaults))
  const stack = parts.map(({ part }) => part)
  const [issue] = [...parts.flatMap(({ issues }) => issues), ...stackIssues(stack)]
  if (issue !== undefined) throw wrong(issue.path, issue.message)
  return { ...about, name, owner: "skypanel", version: String(file.version), services: stack }
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
