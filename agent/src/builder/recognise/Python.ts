import { Result } from "effect"
import { intersects, validRange } from "semver"
import type { BuildFailed } from "../BuildFailed.ts"
import type { Language } from "./Language.ts"
import { type PythonProject, pythonFiles, readPythonProject } from "./PythonProject.ts"
import { pythonStartOf } from "./PythonStart.ts"
import { noStart, notRecognised, type Offer, seen, type View } from "./Recognised.ts"

/** A specifier of PEP 440 as a range: `~=3.11.2` allows 3.11, `~=3.11` every 3. from 11 on. */
const rangeOf = (specifier: string): string | null =>
  validRange(
    specifier
      .split(",")
      .map((each) =>
        each
          .trim()
          .replace(/^~=\s*(\d+\.\d+)\.\d+$/, "~$1")
          .replace(/^~=\s*(\d+\.\d+)$/, "^$1")
          .replace(/^~=\s*(\d+)$/, "$1")
          .replace(/^={2,3}\s*/, "")
          .replace(/^!=.*$/, ""),
      )
      .join(" "),
  )

/** Whether the package set's Python is one that the project wants; a package set of many says it by itself. */
const checkPython = (
  view: View,
  { python }: PythonProject,
  offer: Offer,
): Result.Result<ReadonlyArray<string>, BuildFailed> => {
  const range = python === null ? null : rangeOf(python.text)
  if (python === null || range === null || offer.python === null) return Result.succeed([])
  if (intersects(range, `${offer.python}.x`))
    return Result.succeed([
      seen(`${python.file}, Python ${python.text.slice(0, 100)}`, `Python ${offer.python}`),
    ])
  const text = view.text(python.file) ?? ""
  const line = text
    .slice(0, Math.max(0, text.indexOf("python = ") + 1, text.indexOf("requires-python") + 1))
    .split("\n").length
  return Result.fail(
    notRecognised(
      `${python.file}, line ${line}: “${python.text.slice(0, 100)}” allows no Python that there is here.`,
      `This builder has Python ${offer.python}; allow it.`,
      python.file,
      line,
      `The package set is ${offer.name}.`,
    ),
  )
}

/** A Python service whose packages are the package set's. */
export const python: Language = {
  kind: "python",
  looksFor: "requirements.txt, pyproject.toml, Pipfile.lock or setup.cfg",
  recognise: ({ tree, wishes, folder, offer }) => {
    if (pythonFiles(tree).length === 0) return null
    return Result.gen(function* () {
      const project = yield* readPythonProject(tree)
      const version = yield* checkPython(tree, project, offer)
      const found = wishes.start === null ? pythonStartOf(tree, project) : null
      if (wishes.start === null && found === null)
        return yield* Result.fail(
          noStart(
            `This is a ${project.files[0]}`,
            "Add a Procfile with a line `web: …`, a script in [project.scripts], or a main.py.",
          ),
        )
      const count = project.dependencies.size
      return {
        kind: "python" as const,
        folder,
        reasoning: [
          seen(project.files.join(", "), `Python, ${count} ${count === 1 ? "dependency" : "dependencies"}`),
          ...version,
          ...wishes.reasoning,
          ...(found?.reasoning ?? []),
        ],
        settings: { start: wishes.start ?? found!.command, requirements: project.requirements },
      }
    })
  },
}
