import { Result } from "effect"
import type { BuildFailed } from "../BuildFailed.ts"
import { notRecognised, type View } from "./Recognised.ts"

const textMax = 256 * 1024
const listMax = 500

/** Whether a setup.py makes it a Python project; others have one for what they offer to Python. */
export const isSetupPy = (view: View): boolean => {
  const text = view.text("setup.py")
  if (text === undefined || text.length > textMax) return false
  return /^[ \t]*(?:setuptools\.)?setup\s*\(/m.test(text) && !view.has("go.mod") && !view.has("Cargo.toml")
}

/** A list of Python that is written out, from behind its bracket; null when it is anything else. */
const writtenList = (text: string): ReadonlyArray<string> | null => {
  const token = /[\s,]+|#[^\n]*|"([^"\\\n]{1,200})"|'([^'\\\n]{1,200})'|\]/y
  const items: Array<string> = []
  while (items.length <= listMax) {
    const found = token.exec(text)
    if (found === null) return null
    if (found[0] === "]") return items
    const item = found[1] ?? found[2]
    if (item !== undefined) items.push(item)
  }
  return null
}

/**
 * `install_requires` of a setup.py: the file is a program, and what it works out would be known only by running it, before
 * anything that it needs is there.
 */
export const fromSetupPy = (view: View): Result.Result<ReadonlyArray<string>, BuildFailed> => {
  const text = view.text("setup.py") ?? ""
  const asks = isSetupPy(view) ? /^(?!\s*#).*\binstall_requires\s*=\s*(\[?)/m.exec(text) : null
  if (asks === null) return Result.succeed([])
  const end = asks.index + asks[0].length
  const list = asks[1] === "" ? null : writtenList(text.slice(end))
  if (list !== null) return Result.succeed(list)
  const line = text.slice(0, end).split("\n").length
  return Result.fail(
    notRecognised(
      `setup.py, line ${line}: install_requires is no list that is written out there.`,
      "Write the names into a requirements.txt, or into [project] dependencies of a pyproject.toml.",
      "setup.py",
      line,
    ),
  )
}
