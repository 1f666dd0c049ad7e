import { Result } from "effect"
import { type Language, noStart, seen } from "./Recognised.ts"

const mains = ["main.py", "app.py", "server.py"] as const

/** A Python service whose packages are the package set's. */
export const python: Language = {
  kind: "python",
  looksFor: "requirements.txt or pyproject.toml",
  recognise: ({ tree, wishes, folder }) => {
    const found = ["requirements.txt", "pyproject.toml"].find((name) => tree.has(name))
    if (found === undefined) return null
    const main = mains.find((name) => tree.has(name))
    const start = wishes.start ?? (main === undefined ? null : `python ${main}`)
    if (start === null)
      return Result.fail(
        noStart(`This is a ${found}`, `Add a Procfile with a line \`web: …\`, or a ${mains[0]}.`),
      )
    return Result.succeed({
      kind: "python",
      folder,
      reasoning: [
        seen(found, "Python"),
        ...wishes.reasoning,
        ...(wishes.start === null ? [seen(main!, start)] : []),
      ],
      settings: { start },
    })
  },
}
