import { Result } from "effect"
import type { BuildFailed } from "../BuildFailed.ts"
import { procfileProcesses } from "./Procfile.ts"
import { type Kind, notRecognised, seen, type View } from "./Recognised.ts"
import { commandMax } from "./SkypanelRules.ts"
import { lineOf, type SkypanelToml, skypanelToml } from "./SkypanelToml.ts"

/** What the repository asks for itself, by its `skypanel.toml` and its Procfile. */
export interface Wishes {
  readonly kind: Kind | null
  /** The command line that starts the service. */
  readonly start: string | null
  readonly buildCommand: string | null
  readonly node: string | null
  /** Whether packages are those of the package set although a lock file names others. */
  readonly takesSet: boolean
  readonly staticFolder: string | null
  readonly fallback: string | null
  readonly reasoning: ReadonlyArray<string>
}

interface Start {
  readonly command: string | null
  readonly reasoning: ReadonlyArray<string>
}

const named = (names: ReadonlyArray<string>) => names.map((name) => `\`${name}\``).join(", ")

const unknownProcess = (text: string, wanted: string, processes: ReadonlyMap<string, string>) => {
  const line = lineOf(text, "start", "process")
  return notRecognised(
    `${skypanelToml}, line ${line}: there is no process “${wanted}”.`,
    processes.size === 0
      ? "Add it to a Procfile, or to [processes]."
      : `There are ${[...processes.keys()].slice(0, 20).join(", ")}.`,
    skypanelToml,
    line,
  )
}

const startOf = (config: SkypanelToml, text: string, tree: View): Result.Result<Start, BuildFailed> => {
  const command = config.start?.command
  if (command !== undefined)
    return Result.succeed({ command, reasoning: [seen("skypanel.toml, [start] command", command)] })
  const own = new Map(Object.entries(config.processes ?? {}))
  const fromFile = procfileProcesses(tree.text("Procfile") ?? "")
  const processes = new Map([...fromFile, ...own])
  const wanted = config.start?.process
  if (wanted !== undefined && !processes.has(wanted))
    return Result.fail(unknownProcess(text, wanted, processes))
  const name = wanted ?? "web"
  const chosen = processes.get(name)
  if (chosen !== undefined && chosen.length > commandMax)
    return Result.fail(
      notRecognised(
        `The ${name} line of the Procfile is longer than ${commandMax} characters.`,
        "Put the commands into a script, and let the line start that.",
        "Procfile",
      ),
    )
  const others = [...processes.keys()].filter((each) => each !== name).slice(0, 10)
  const file = own.has(name) || (chosen === undefined && fromFile.size === 0) ? skypanelToml : "Procfile"
  return Result.succeed({
    command: chosen ?? null,
    reasoning: [
      ...(wanted === undefined ? [] : [seen("skypanel.toml, [start] process", wanted)]),
      ...(chosen === undefined ? [] : [seen(`${file}, \`${name}\``, chosen)]),
      ...(others.length === 0 ? [] : [seen(`${named(others)}`, "known, not started by this service")]),
    ],
  })
}

/** What `skypanel.toml` (whose text is `text`) and the Procfile of the folder ask for. */
export const wishesOf = (
  config: SkypanelToml,
  text: string,
  tree: View,
): Result.Result<Wishes, BuildFailed> =>
  Result.map(startOf(config, text, tree), ({ command, reasoning }) => ({
    kind: config.build?.kind ?? null,
    start: command,
    buildCommand: config.build?.command ?? null,
    node: config.build?.node ?? null,
    takesSet: config.build?.packages === "set",
    staticFolder: config.static?.folder?.replace(/\/+$/, "") ?? null,
    fallback: config.static?.fallback ?? null,
    reasoning,
  }))
