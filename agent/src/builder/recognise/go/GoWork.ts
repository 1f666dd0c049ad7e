import { posix } from "node:path"
import { Result } from "effect"
import type { BuildFailed } from "../../BuildFailed.ts"
import { above, fileIn, isWithin } from "../Place.ts"
import { notRecognised, type View } from "../Recognised.ts"
import { statementsOf } from "./GoMod.ts"

/** A go.work with its modules. */
export interface GoWork {
  /** Its folder. */
  readonly place: string
  /** Folders of its modules. */
  readonly members: ReadonlyArray<string>
}

const membersMax = 200
/** They are part of commands. */
const plainPath = /^[A-Za-z0-9._@+/-]*$/

const placeOf = (top: View, folder: string): string | null => {
  for (let path = folder; ; path = above(path)) {
    if (top.has(fileIn(path, "go.work"))) return path
    if (path === "") return null
  }
}

const parseWork = (top: View, place: string): Result.Result<GoWork, BuildFailed> => {
  const file = fileIn(place, "go.work")
  const refused = (line: number, title: string, next: string) =>
    Result.fail(notRecognised(`${file}, line ${line}: ${title}`, next, file, line))
  const uses = statementsOf(top.text(file) ?? "").filter(({ verb }) => verb === "use")
  if (uses.length > membersMax)
    return refused(uses[membersMax]!.line, `it has more than ${membersMax} modules.`, "Use fewer.")
  const members: Array<string> = []
  for (const { rest, line } of uses) {
    const [text = ""] = rest
    const member = posix.join(place, text).replace(/^\.$|\/+$/g, "")
    if (text.startsWith("/") || !isWithin(member, place) || !top.has(fileIn(member, "go.mod")))
      return refused(
        line,
        `there is no module ${text.slice(0, 200)} in the folder of the go.work.`,
        "Commit it there, or take it out of the go.work.",
      )
    if (!plainPath.test(member))
      return refused(line, "its folder has characters that are not taken.", "Give it a plain name.")
    members.push(member)
  }
  return Result.succeed({ place, members })
}

/** The go.work that a folder is built with, as Go itself finds it: null where that has other modules only. */
export const workOf = (top: View, folder: string): Result.Result<GoWork | null, BuildFailed> => {
  const place = placeOf(top, folder)
  if (place === null) return Result.succeed(null)
  return Result.map(parseWork(top, place), (work) =>
    work.members.includes(folder) || !top.has(fileIn(folder, "go.mod")) ? work : null,
  )
}
