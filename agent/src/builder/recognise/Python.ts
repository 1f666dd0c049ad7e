import { Result } from "effect"
import intersects from "semver/ranges/intersects.js"
import validRange from "semver/ranges/valid.js"
import type { BuildFailed } from "../BuildFailed.ts"
import type { Language, Sight } from "./Language.ts"
import { type PythonProject, pythonFiles, readPythonProject } from "./PythonProject.ts"
import { pythonStartOf } from "./PythonStart.ts"
import { noStart, notRecognised, type Offer, seen, type View } from "./Recognised.ts"
import { type Wheels, wheelsOf } from "./wheels/Wheels.ts"

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

const hashed = /^[^#\n]*--hash[= ]/m

/** Where packages come from: they are the lock file's wheels, else those of the package set. */
const packagesOf = ({
  tree,
  wishes: { takesSet },
  offer,
  config,
}: Sight): Result.Result<Wheels, BuildFailed> =>
  Result.map(takesSet ? Result.succeed(null) : wheelsOf(tree, offer), (found) => {
    if (found !== null) return found
    if (takesSet)
      return {
        byPython: null,
        reasoning: [seen(config.by("build", "packages"), "those of the package set")],
      }
    const file = tree.has("Pipfile.lock")
      ? "Pipfile.lock"
      : hashed.test(tree.text("requirements.txt") ?? "")
        ? "requirements.txt"
        : null
    return {
      byPython: null,
      reasoning:
        file === null
          ? []
          : [seen(`hashes without names of files in ${file}`, "packages of the package set")],
    }
  })

/** A Python service with the wheels of its lock file, or with packages of the package set. */
export const python: Language = {
  kind: "python",
  looksFor: "requirements.txt, pyproject.toml, Pipfile.lock, setup.cfg or setup.py",
  recognise: (sight) => {
    const { tree, wishes, folder, offer, config } = sight
    if (pythonFiles(tree).length === 0) return null
    return Result.gen(function* () {
      const project = yield* readPythonProject(tree)
      const version = yield* checkPython(tree, project, offer)
      const { byPython, reasoning } = yield* packagesOf(sight)
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
          ...reasoning,
          ...(wishes.buildCommand === null ? [] : [seen(config.by("build", "command"), wishes.buildCommand)]),
          ...wishes.reasoning,
          ...(found?.reasoning ?? []),
        ],
        settings: {
          start: wishes.start ?? found!.command,
          buildCommand: wishes.buildCommand,
          requirements: project.requirements,
          wheels: byPython,
        },
      }
    })
  },
}
