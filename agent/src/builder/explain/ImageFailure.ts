import { dockerHub, parseImageReference } from "@skypanel/contract/image/ImageReference"
import { Result } from "effect"
import { type BuildFailed, buildFailed } from "../BuildFailed.ts"
import type { Step } from "../dockerfile/Progress.ts"
import { type Dockerfile, type Instruction, instructionOf, stagesOf } from "../recognise/Dockerfile.ts"
import { type FailedBuild, networkAsked, stopFailure } from "./BuildFailure.ts"
import { linesThatMatter } from "./LinesThatMatter.ts"
import { nearestNames } from "./NearestName.ts"

/** What the build of an image that failed has left. */
export interface FailedImage extends Pick<FailedBuild, "events" | "stopped" | "limits"> {
  readonly dockerfile: Dockerfile
  /** The Dockerfile's path in the repository. */
  readonly file: string
  readonly step: Step | null
  readonly messages: ReadonlyArray<string>
  /** Those that the organization has a credential for. */
  readonly registries: ReadonlyArray<string>
  /** False: the image was built and could not be written. */
  readonly isSaved: boolean
}

const known = [
  ...[
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
  ],
  ...["ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"],
]

interface Failure {
  readonly title: string
  readonly next: string
  readonly line: number | null
}

type Reading = (failed: FailedImage, said: string) => Failure | null

const quoted = (instruction: Instruction) => {
  const text = `${instruction.name} ${instruction.rest}`
  return text.length > 120 ? `${text.slice(0, 120)}…` : text
}

const misspelled: Reading = ({ dockerfile, file }, said) => {
  const [, name = ""] = /unknown instruction: ([A-Za-z]{1,40})/.exec(said) ?? []
  if (name === "") return null
  const [near] = nearestNames(name.toUpperCase(), known, 1)
  const line = dockerfile.instructions.find((each) => each.name === name.toUpperCase())?.line ?? 1
  return {
    title: `${file}, line ${line}: there is no instruction “${name}”.`,
    next: near === undefined ? `The instructions are ${known.join(", ")}.` : `Did you mean ${near}?`,
    line,
  }
}

const unreadable: Reading = ({ file }, said) => {
  const [, at, what = ""] = /[Dd]ockerfile parse error (?:on )?line (\d+): (.{1,200})/.exec(said) ?? []
  if (at === undefined) return null
  return { title: `${file}, line ${at}: ${what}.`, next: "Correct the line.", line: Number(at) }
}

const isNotThere =
  /not found|does not exist|manifest unknown|NAME_UNKNOWN|MANIFEST_UNKNOWN|authorization failed|pull access denied/i

const manifest = /"https?:\/\/([^"/\s]{1,255})\/v2\/([^"\s]{1,255})\/manifests\/([^"\s]{1,255})"/

/** The image that could not be had: of FROM, or of `COPY --from=`. */
const wantedImage = (step: Step | null, said: string): string | null => {
  const [, named] = /^\[(?:\S+ )?internal\] load metadata for (\S+)/.exec(step?.title ?? "") ?? []
  if (named !== undefined) return named
  const [, host, name, tag] = manifest.exec(said) ?? []
  return host === undefined ? null : `${host}/${name}${tag!.startsWith("sha256:") ? "@" : ":"}${tag}`
}

/** Many a registry says of a private image that there is none. */
const notGiven = (reference: string, registries: ReadonlyArray<string>): string => {
  const parsed = parseImageReference(reference, { allowPrivate: true })
  const registry = Result.isSuccess(parsed) ? parsed.success.registry : dockerHub
  const has = registries.includes(registry)
  const who = has ? `your organization's credential for ${registry}` : "everybody"
  const what = has ? "give one that may read it" : "give your organization's credential"
  return `There is no such image for ${who}: correct its name and tag, or, where it is private, ${what}: skypanel registries add ${registry}.`
}

const missingBase: Reading = ({ dockerfile, file, step, events, registries }, said) => {
  const reference = wantedImage(step, said)
  if (reference === null) return null
  const plain = reference.replace(/^(?:registry-1\.)?docker\.io\/(?:library\/)?/, "")
  const short = plain.replace(/:latest$/, "")
  const instruction =
    stagesOf(dockerfile).find(({ base }) => base === plain || base === short || base === reference)?.from ??
    dockerfile.instructions.find(({ rest }) => rest.includes(`--from=${short}`))
  const place = instruction === undefined ? "" : `${file}, line ${instruction.line}: `
  const refused = events.some(({ _tag }) => _tag === "refused")
  return {
    title: `${place}the base image “${plain}” cannot be fetched.`,
    next: refused
      ? "Builds reach public addresses only, on the ports 80 and 443: use an image of a public registry."
      : isNotThere.test(`${step?.error}\n${said}`)
        ? notGiven(plain, registries)
        : "Its registry does not answer; deploy again when it does.",
    line: instruction?.line ?? null,
  }
}

const missingFile: Reading = ({ dockerfile, file, step }, said) => {
  const [, named, looked] =
    /"([^"\n]{1,200})"(?: not found)?: not found|lstat (?:\/\S*?\/)?(?:buildkit-mount\d+|fs|diff)\/?(\S{1,200}?): no such file/.exec(
      `${step?.error}\n${said}`,
    ) ?? []
  const wanted = named ?? looked
  if (wanted === undefined) return null
  const name = wanted.replace(/^\//, "")
  const instruction =
    instructionOf(dockerfile, step?.title ?? "") ??
    dockerfile.instructions.find((each) => /^(?:COPY|ADD)$/.test(each.name) && each.rest.includes(name))
  return {
    title: `${instruction === undefined ? file : `${file}, line ${instruction.line}`}: there is no “${name}” to copy.`,
    next: "Commit the file, or correct its path, which is from the folder that is built; a .dockerignore hides files, too.",
    line: instruction?.line ?? null,
  }
}

const notAllowed: Reading = ({ dockerfile, file, step }, said) => {
  if (!/security\.insecure|unknown flag: --?security|unknown flag: security/i.test(`${step?.error}\n${said}`))
    return null
  const line = dockerfile.instructions.find(({ rest }) => rest.includes("--security"))?.line ?? 1
  return {
    title: `${file}, line ${line}: no step of a build is privileged.`,
    next: "Remove --security from the instruction.",
    line,
  }
}

const failedStep: Reading = ({ dockerfile, file, step }) => {
  const instruction = step === null ? null : instructionOf(dockerfile, step.title)
  if (step === null || instruction === null) return null
  const [, code] = /exit code: (\d+)/.exec(step.error ?? "") ?? []
  return {
    title: `${file}, line ${instruction.line}: \`${quoted(instruction)}\` failed${code === undefined ? "" : ` with exit code ${code}`}.`,
    next: "The lines below say why; the build's log has everything.",
    line: instruction.line,
  }
}

const readings: ReadonlyArray<Reading> = [
  misspelled,
  notAllowed,
  unreadable,
  missingBase,
  missingFile,
  failedStep,
]

/** What BuildKit says after all steps, without its own frames and repetitions. */
const lastWords = (messages: ReadonlyArray<string>) =>
  messages
    .filter((line) => !/^-+$|^ > |^\s*\d+ \||^Dockerfile:\d+$/.test(line))
    .map((line) =>
      line.replace(
        /^(?:ERROR: )?failed to solve(?: with frontend dockerfile\.v0)?: (?:failed to create LLB definition: )?/,
        "",
      ),
    )

export const emptyImage = (): BuildFailed =>
  buildFailed(
    "build-failed",
    "The image is empty: its Dockerfile puts no file into it.",
    "Add a COPY, an ADD or a RUN.",
  )

/** Says what failed, in which line of the Dockerfile, and what to do. Reads BuildKit 0.8 to 0.23. */
export const explainImageBuild = (failed: FailedImage): BuildFailed => {
  const { step, messages, events } = failed
  if (failed.stopped !== null) return stopFailure(failed.stopped, failed.limits, step?.lines ?? [])
  const said = lastWords(messages)
  const all = said.join("\n")
  if (!failed.isSaved && /empty export/.test(all)) return emptyImage()
  if (!failed.isSaved)
    return buildFailed(
      "build-failed",
      "The image was built, and could not be written.",
      "Let it have less in it: no file of it, and no layer, may be larger than a build may write.",
      { lines: said.slice(-20) },
    )
  const found = readings.map((reading) => reading(failed, all)).find((each) => each !== null)
  const printed = linesThatMatter(step?.lines ?? [])
  const lines =
    printed.length > 0 ? printed : [...(step?.error == null ? [] : [step.error]), ...said].slice(0, 20)
  const network = networkAsked(events)
  return buildFailed(
    "build-failed",
    found?.title ?? "The image could not be built.",
    network !== "" && events.some(({ _tag }) => _tag === "refused") && found?.next.includes("public") !== true
      ? "Builds reach public addresses only, by the proxy of the variable http_proxy."
      : (found?.next ?? "The lines below say why; the build's log has everything."),
    {
      lines,
      detail: network,
      location: found?.line == null ? null : { file: failed.file, line: found.line, column: 1 },
    },
  )
}
