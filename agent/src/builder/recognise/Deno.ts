import { Result } from "effect"
import type { BuildFailed } from "../BuildFailed.ts"
import type { Language, Sight } from "./Language.ts"
import { lockFileOf } from "./LockFile.ts"
import { isRecord, texts } from "./PackageJson.ts"
import { plainJson } from "./PlainJson.ts"
import { noStart, notRecognised, otherLanguages, seen, type View } from "./Recognised.ts"

const mains = ["main.ts", "server.ts", "mod.ts", "index.ts", "main.js", "server.js"]

interface Configuration {
  readonly tasks: Readonly<Record<string, string>>
  readonly imports: Readonly<Record<string, string>>
}

const parseConfiguration = (text: string, file: string): Result.Result<Configuration, BuildFailed> => {
  try {
    const value: unknown = JSON.parse(plainJson(text))
    if (isRecord(value)) {
      const tasks = isRecord(value.tasks) ? Object.entries(value.tasks) : []
      const commands = tasks.map(([name, task]) => [name, isRecord(task) ? task.command : task])
      return Result.succeed({ tasks: texts(Object.fromEntries(commands)), imports: texts(value.imports) })
    }
  } catch {
    // Told below, as what is no object.
  }
  return Result.fail(
    notRecognised(`The ${file} is not valid JSON.`, "Check it with `deno check`, then deploy again.", file),
  )
}

/** Deno keeps what it downloads in the repository when it is told to; without that, a build has no network. */
const checkImports = (tree: View, file: string, { imports }: Configuration): BuildFailed | null => {
  for (const target of Object.values(imports)) {
    const folder = /^(?:jsr:|https?:)/.test(target)
      ? "vendor/"
      : target.startsWith("npm:")
        ? "node_modules/"
        : null
    if (folder === null || tree.has(folder)) continue
    const text = tree.text(file) ?? ""
    const line = text.slice(0, Math.max(0, text.indexOf(target))).split("\n").length
    return notRecognised(
      `${file}, line ${line}: ${target.slice(0, 200)} is not in the folder ${folder}.`,
      'Set `"vendor": true` in it, run `deno install`, and commit the folders vendor and node_modules.',
      file,
      line,
    )
  }
  return null
}

/** The command with its task put in, from what is there alone, without a lock file that it would write to. */
const prepared = (command: string, tasks: Readonly<Record<string, string>>): string => {
  const task = /^deno task ([\w:-]+)\s*$/.exec(command)?.[1]
  const text = task !== undefined && Object.hasOwn(tasks, task) ? tasks[task]! : command
  const flags = "--no-lock --cached-only"
  return text
    .replace(/^deno run /, `deno run ${flags} `)
    .replace(/^deno serve (?!.*--port)/, "deno serve --host 0.0.0.0 --port $PORT ")
    .replace(/^deno serve /, `deno serve ${flags} `)
}

/** Whether it is there for another language's tools: nothing in it is started, and that language's files are there. */
const isForTools = ({ tree, wishes }: Sight, configuration: Result.Result<Configuration, BuildFailed>) =>
  wishes.kind === null &&
  !wishes.start?.startsWith("deno ") &&
  (Result.isFailure(configuration) || configuration.success.tasks.start === undefined) &&
  otherLanguages.some((name) => tree.has(name))

/** A Deno service, with its dependencies in the repository. */
export const deno: Language = {
  kind: "deno",
  looksFor: "deno.json",
  recognise: (sight) => {
    const { tree, wishes, folder, config } = sight
    const file = ["deno.json", "deno.jsonc"].find((name) => tree.has(name))
    if (file === undefined || (wishes.kind === null && lockFileOf(tree) !== null)) return null
    const parsed = parseConfiguration(tree.text(file) ?? "", file)
    if (isForTools(sight, parsed)) return null
    return Result.gen(function* () {
      const configuration = yield* parsed
      const missing = checkImports(tree, file, configuration)
      if (missing !== null) return yield* Result.fail(missing)
      const { start: task, build } = configuration.tasks
      const main = mains.find((name) => tree.has(name))
      const command = wishes.start ?? task ?? (main === undefined ? null : `deno run --allow-all ${main}`)
      if (command === null)
        return yield* Result.fail(
          noStart(`This is a ${file}`, 'Add a task "start" to it, or a Procfile with a line `web: …`.'),
        )
      const start = prepared(command, configuration.tasks)
      const buildCommand = wishes.buildCommand ?? build ?? null
      return {
        kind: "deno" as const,
        folder,
        reasoning: [
          seen(file, "Deno"),
          ...(tree.has("vendor/") ? [seen("vendor", "its dependencies")] : []),
          ...(buildCommand === null
            ? []
            : [
                seen(
                  wishes.buildCommand === null ? "task `build`" : config.by("build", "command"),
                  buildCommand,
                ),
              ]),
          ...wishes.reasoning,
          ...(wishes.start === null ? [seen(task === undefined ? main! : "task `start`", start)] : []),
        ],
        settings: {
          start,
          buildCommand,
          entry: /\s([\w./-]+\.(?:ts|tsx|js|mjs))(?:\s|$)/.exec(start)?.[1] ?? null,
        },
      }
    })
  },
}
