import { formatSize } from "@skypanel/contract/Resources"
import { Result } from "effect"
import type { BuildFailed } from "../BuildFailed.ts"
import type { Config } from "./Config.ts"
import { type Dockerfile, dockerfileBytesMax, readDockerfile, stagesOf } from "./Dockerfile.ts"
import type { Language, Sight } from "./Language.ts"
import { fileIn } from "./Place.ts"
import { notRecognised, otherLanguages, seen } from "./Recognised.ts"

/** What building a Dockerfile needs to know besides the folder. */
export type DockerfileSettings = {
  /** From the folder that is built. */
  readonly file: string
  /** The stage to build; null: the last one. */
  readonly target: string | null
  /** For its `ARG`s. */
  readonly arguments: Readonly<Record<string, string>>
}

const usual = ["Dockerfile", "Containerfile"]

/** The frontend that BuildKit has in itself goes by this name, too. */
const own = /^(?:docker\.io\/)?docker\/dockerfile(?:-upstream)?(?::[\w.-]+)?(?:@sha256:[0-9a-f]{64})?$/

const refuse = (file: string, line: number, what: string, next: string) =>
  notRecognised(`${file}, line ${line}: ${what}.`, next, file, line)

const startProblem = (config: Config): BuildFailed | null =>
  Object.keys(config.values.start ?? {}).length === 0
    ? null
    : config.refuse(
        "start",
        null,
        "a Dockerfile says itself how its image starts",
        "Write it as CMD or ENTRYPOINT into the Dockerfile, or remove [start].",
      )

const frontendProblem = (path: string, { frontends }: Dockerfile): BuildFailed | null => {
  const foreign = frontends.find(({ reference }) => !own.test(reference))
  if (foreign !== undefined)
    return refuse(
      path,
      foreign.line,
      `it asks for the frontend “${foreign.reference.slice(0, 100)}”, which is not run here`,
      "Remove the line `# syntax=`: BuildKit's own reading of Dockerfiles is used.",
    )
  const [, second] = frontends
  return second === undefined
    ? null
    : refuse(path, second.line, "it asks for a frontend twice", "Remove one of the lines `# syntax=`.")
}

const problemOf = (path: string, dockerfile: Dockerfile, text: string): BuildFailed | null => {
  const problem = frontendProblem(path, dockerfile)
  if (problem !== null) return problem
  // Newer BuildKits read a frontend's name out of these as well.
  if (/^[\s\u0085]*(?:\{|\/\/|#!)/.test(text))
    return refuse(path, 1, "it is no Dockerfile", "Begin it with FROM.")
  if (!dockerfile.instructions.some(({ name }) => name === "FROM"))
    return refuse(
      path,
      1,
      "it has no FROM",
      "Begin it with the image that it is made on, such as FROM debian.",
    )
  return null
}

const described = (file: string, dockerfile: Dockerfile, target: string | null): string => {
  const stages = stagesOf(dockerfile)
  const wanted = target === null ? stages.at(-1) : stages.find(({ name }) => name === target.toLowerCase())
  const many = stages.length === 1 ? "" : `, ${stages.length} stages`
  return seen(file, `an image on ${wanted?.base ?? "a base"}${many}, built by BuildKit`)
}

/** Whether other files would have been understood, too: who reads the reasoning shall learn of the choice. */
const hasOther = ({ tree }: Sight) =>
  ["package.json", "deno.json", "deno.jsonc", ...otherLanguages].some((name) => tree.has(name))

const recogniseFile = (sight: Sight, file: string) => {
  const { folder, tree, wishes, config } = sight
  const path = fileIn(folder, file)
  const text = tree.text(file)
  if (text === undefined)
    return Result.fail(
      notRecognised(`${path} is no file that can be read.`, "Replace a link by the file itself.", path),
    )
  if (Buffer.byteLength(text) > dockerfileBytesMax)
    return Result.fail(
      notRecognised(
        `${path} is larger than ${formatSize(dockerfileBytesMax)}.`,
        "Move what it writes into files of the repository, and COPY them.",
        path,
      ),
    )
  const dockerfile = readDockerfile(text)
  const target = config.values.dockerfile?.target ?? null
  const problem = startProblem(config) ?? problemOf(path, dockerfile, text)
  if (problem !== null) return Result.fail(problem)
  const settings: DockerfileSettings = { file, target, arguments: config.values.arguments ?? {} }
  const names = Object.keys(settings.arguments)
  return Result.succeed({
    kind: "dockerfile" as const,
    folder,
    reasoning: [
      described(file, dockerfile, target),
      ...(target === null ? [] : [seen(config.by("dockerfile", "target"), target)]),
      ...(names.length === 0 ? [] : [seen(config.by("arguments"), names.join(", "))]),
      ...(wishes.kind === null && hasOther(sight)
        ? [seen("[build] kind in a skypanel.toml", "builds it by its other files, with Nix")]
        : []),
    ],
    settings,
  })
}

const missing = ({ config }: Sight, file: string): BuildFailed =>
  config.refuse(
    "dockerfile",
    "file",
    `there is no file “${file}”`,
    "Name a file of the folder that is built, with its path from there.",
  )

/** A repository that says itself how its image is made. */
export const docker: Language = {
  kind: "dockerfile",
  looksFor: usual.join(", "),
  recognise: (sight) => {
    const wanted = sight.config.values.dockerfile?.file
    if (wanted !== undefined && !sight.tree.has(wanted)) return Result.fail(missing(sight, wanted))
    const file = wanted ?? usual.find((name) => sight.tree.has(name))
    return file === undefined ? null : recogniseFile(sight, file)
  },
}
