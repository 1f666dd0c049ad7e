import { constants } from "node:fs"
import { access, lstat, readdir, realpath } from "node:fs/promises"
import { join } from "node:path"
import { Effect } from "effect"
import { type BuildFailed, buildFailed } from "./BuildFailed.ts"
import type { Evaluated } from "./NixExpression.ts"
import type { Closure } from "./Upload.ts"

/**
 * True for a file that can be executed and that is in the closure: a link may lead anywhere, and what else is on this
 * machine is nobody's to know.
 */
const isProgram = async (path: string, closure: Closure): Promise<boolean> => {
  const target = await realpath(path).catch(() => null)
  if (target === null) return false
  if (!closure.paths.some((own) => target === own || target.startsWith(`${own}/`))) return false
  if (!(await lstat(target)).isFile()) return false
  return access(target, constants.X_OK).then(
    () => true,
    () => false,
  )
}

/** Names that people can read; the others are no commands. */
const isCommandName = (name: string) => /^[^.\p{C}\p{Z}][^\p{C}]*$/u.test(name)

const programsOf = async (folder: string, closure: Closure): Promise<ReadonlyArray<string>> => {
  const names = (await readdir(folder).catch(() => [])).filter(isCommandName)
  const found = await Promise.all(names.slice(0, 1000).map((name) => isProgram(join(folder, name), closure)))
  return names.filter((_, index) => found[index]).sort()
}

/** Which program starts the closure, from its name and what is in `bin/`; null when it is not clear. */
export const chooseProgram = (
  { mainProgram, pname }: Pick<Evaluated, "mainProgram" | "pname">,
  programs: ReadonlyArray<string>,
): string | null => {
  if (mainProgram !== null && programs.includes(mainProgram)) return mainProgram
  if (programs.length === 1) return programs[0]!
  return programs.includes(pname) ? pname : null
}

/** The command that starts what was built: an absolute path in the store. */
export const findStartCommand = (
  evaluated: Evaluated,
  closure: Closure,
): Effect.Effect<ReadonlyArray<string>, BuildFailed> =>
  Effect.gen(function* () {
    const folder = join(evaluated.outPath, "bin")
    const programs = yield* Effect.promise(() => programsOf(folder, closure))
    const program = chooseProgram(evaluated, programs)
    if (program !== null) return [join(folder, program)]
    const there = programs.length === 0 ? "nothing that can be started" : programs.slice(0, 20).join(", ")
    return yield* buildFailed(
      "no-command",
      "It was built, but it is not clear what starts it.",
      "Set `meta.mainProgram` to the name of the program in bin/.",
      { detail: `bin/ has ${there}${programs.length > 20 ? ` and ${programs.length - 20} more` : ""}.` },
    )
  })
