import { Result } from "effect"
import type { Language } from "./Language.ts"
import { LockProblem, type LockSource } from "./lock/Locked.ts"
import { noStart, notRecognised, otherLanguages, seen, type View } from "./Recognised.ts"
import { type Gem, parseGemfileLock } from "./ruby/GemfileLock.ts"

const files = ["app.rb", "main.rb", "server.rb"]

const startOf = (tree: View, gems: ReadonlySet<string>): readonly [string, string] | null => {
  if (tree.has("config.ru") && gems.has("puma"))
    return tree.has("config/puma.rb")
      ? ["config.ru, config/puma.rb", "bundle exec puma -C config/puma.rb"]
      : ["config.ru, puma in the lock file", "bundle exec puma -b tcp://0.0.0.0:$PORT"]
  if (tree.has("config.ru") && (gems.has("rackup") || gems.has("rack")))
    return ["config.ru", "bundle exec rackup -o 0.0.0.0 -p $PORT"]
  const file = files.find((name) => tree.has(name))
  return file === undefined ? null : [file, `bundle exec ruby ${file}`]
}

/** A service in another language, or a page, may have a Gemfile for its tools: then nothing in Ruby is started. */
const isForTools = (tree: View, start: string | null): boolean => {
  const starts = start !== null && /\b(?:bundle|ruby|rails|rackup|puma)\b/.test(start)
  if (starts || ["config.ru", ...files].some((name) => tree.has(name))) return false
  return ["package.json", "index.html", "deno.json", ...otherLanguages].some((name) => tree.has(name))
}

const countOf = (gems: ReadonlyArray<Gem>) => `${gems.length} ${gems.length === 1 ? "gem" : "gems"}`

/** A Ruby application with the gems of its Gemfile.lock: by its checksums, or from its `vendor/cache`. */
export const ruby: Language = {
  kind: "ruby",
  looksFor: "Gemfile with its Gemfile.lock",
  recognise: ({ tree, folder, wishes, offer, config }) => {
    if (!tree.has("Gemfile") || (wishes.kind === null && isForTools(tree, wishes.start))) return null
    const text = tree.text("Gemfile.lock")
    if (text === undefined)
      return Result.fail(
        notRecognised(
          "There is a Gemfile, but no Gemfile.lock beside it.",
          "Run `bundle lock --add-checksums` and commit the lock file; it says exactly what to install.",
          "Gemfile",
        ),
      )
    const source: LockSource = { file: "Gemfile.lock", text, registry: "", cpu: offer.cpu }
    return Result.gen(function* () {
      const gems = yield* Result.try({
        try: () => parseGemfileLock(source, tree.text("Gemfile") ?? "", tree.has("vendor/")),
        catch: (error) => {
          if (error instanceof LockProblem) return error.failure
          throw error
        },
      })
      const names = new Set(gems.map(({ name }) => name))
      const found = wishes.start === null ? startOf(tree, names) : null
      if (wishes.start === null && found === null)
        return yield* Result.fail(
          noStart(
            "This is a Gemfile",
            "Add a Procfile with a line `web: …`, a config.ru with puma in the Gemfile, or an app.rb.",
          ),
        )
      return {
        kind: "ruby" as const,
        folder,
        reasoning: [
          seen("Gemfile.lock", `Ruby, ${countOf(gems)}`),
          ...(wishes.buildCommand === null ? [] : [seen(config.by("build", "command"), wishes.buildCommand)]),
          ...wishes.reasoning,
          ...(found === null ? [] : [seen(found[0], found[1])]),
        ],
        settings: {
          start: wishes.start ?? found![1],
          buildCommand: wishes.buildCommand,
          gems,
          isRails: names.has("railties"),
        },
      }
    })
  },
}
