import { commandMax } from "@skypanel/contract/Overrides"
import { Result } from "effect"
import type { BuildFailed } from "../BuildFailed.ts"
import type { Config } from "./Config.ts"
import { procfileProcesses } from "./Procfile.ts"
import { type Kind, notRecognised, seen, type View } from "./Recognised.ts"
import { skypanelToml } from "./SkypanelToml.ts"

/** What is asked for: by the service, by the repository's `skypanel.toml` and by its Procfile. */
export interface Wishes {
  readonly kind: Kind | null
  /** The command line that starts the service. */
  readonly start: string | null
  /** The name of the process that it is; null: the command is no process's. */
  readonly process: string | null
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
  readonly process: string | null
  readonly reasoning: ReadonlyArray<string>
}

const named = (names: ReadonlyArray<string>) => names.map((name) => `\`${name}\``).join(", ")

const unknownProcess = ({ refuse }: Config, wanted: string, processes: ReadonlyMap<string, string>) =>
  refuse(
    "start",
    "process",
    `there is no process “${wanted}”`,
    processes.size === 0
      ? "Add it to a Procfile, or to [processes]."
      : `There are ${[...processes.keys()].slice(0, 20).join(", ")}.`,
  )

const startOf = (config: Config, tree: View): Result.Result<Start, BuildFailed> => {
  const { values, by } = config
  const command = values.start?.command
  if (command !== undefined)
    return Result.succeed({
      command,
      process: null,
      reasoning: [seen(by("start", "command"), command)],
    })
  const own = new Map(Object.entries(values.processes ?? {}))
  const fromFile = procfileProcesses(tree.text("Procfile") ?? "")
  const processes = new Map([...fromFile, ...own])
  const wanted = values.start?.process
  if (wanted !== undefined && !processes.has(wanted))
    return Result.fail(unknownProcess(config, wanted, processes))
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
    process: chosen === undefined ? null : name,
    reasoning: [
      ...(wanted === undefined ? [] : [seen(by("start", "process"), wanted)]),
      ...(chosen === undefined ? [] : [seen(`${file}, \`${name}\``, chosen)]),
      ...(others.length === 0 ? [] : [seen(`${named(others)}`, "known, not started by this service")]),
    ],
  })
}

/** What is asked for of the folder. */
export const wishesOf = (config: Config, tree: View): Result.Result<Wishes, BuildFailed> => {
  const { build, static: site } = config.values
  return Result.map(startOf(config, tree), ({ command, process, reasoning }) => ({
    kind: build?.kind ?? null,
    start: command,
    process,
    buildCommand: build?.command ?? null,
    node: build?.node ?? null,
    takesSet: build?.packages === "set",
    staticFolder: site?.folder?.replace(/\/+$/, "") ?? null,
    fallback: site?.fallback ?? null,
    reasoning,
  }))
}
