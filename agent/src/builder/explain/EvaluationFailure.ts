import type { BuildAssignment } from "@skypanel/contract/BuildAssignment"
import { formatSize } from "@skypanel/contract/Resources"
import { type BuildFailed, buildFailed } from "../BuildFailed.ts"
import { type Names, nearestNames } from "./NearestName.ts"
import { locationOf, messageOf, plain, shownLines } from "./NixMessage.ts"
import { hideStore } from "./StorePaths.ts"

/** What an evaluation that failed has left. `lines` are standard error without colours. */
export interface FailedEvaluation {
  readonly lines: ReadonlyArray<string>
  readonly ended: {
    readonly exitCode: number | null
    readonly signal: string | null
    readonly stopped: "time" | "output" | "asked" | null
  }
  readonly outOfMemory: boolean
  /** Whose room is at its end: what the expression may take, or all that the builder has. */
  readonly outOfDisk: "store" | "builder" | null
  readonly limits: Pick<BuildAssignment["limits"], "evaluationSeconds" | "memoryBytes">
  readonly names: Names
  /** Whether the customer wrote no Nix. */
  readonly ours: boolean
}

const limitFailure = ({
  ended,
  outOfMemory,
  outOfDisk,
  limits,
  lines,
}: FailedEvaluation): BuildFailed | null => {
  const text = lines.join("\n")
  if (outOfDisk === "builder")
    return buildFailed(
      "evaluation-limit",
      "The builder's disk has less room than is left in any case.",
      "Deploy again later, or ask the operator for more room.",
    )
  if (outOfDisk === "store")
    return buildFailed(
      "evaluation-limit",
      "The expression wrote more than an evaluation may.",
      "Let it make fewer or smaller files; a derivation can make them when it is built.",
    )
  if (ended.stopped === "time")
    return buildFailed(
      "evaluation-limit",
      `The expression did not end within ${limits.evaluationSeconds} seconds.`,
      "Look for something that calls itself without an end.",
    )
  if (ended.stopped === "output")
    return buildFailed(
      "evaluation-limit",
      "The expression printed without end.",
      "Take `builtins.trace` out of it, or let it print less.",
      { lines: lines.slice(0, 5) },
    )
  if (outOfMemory || /out of memory|Cannot allocate memory|bad_alloc|Out of Memory!/i.test(text))
    return buildFailed(
      "evaluation-limit",
      `The expression needed more than ${formatSize(limits.memoryBytes)} of memory.`,
      "Look for a list or a string that grows without an end.",
    )
  if (
    /stack overflow|max-call-depth exceeded|infinite recursion/.test(text) ||
    ended.signal === "SIGSEGV" ||
    ended.exitCode === 139
  )
    return buildFailed(
      "evaluation-limit",
      "The expression calls itself without an end (infinite recursion).",
      "Look at the value that needs itself to be known.",
      { lines: shownLines(lines), location: locationOf(lines) },
    )
  return null
}

const didYouMean = (names: ReadonlyArray<string>): string =>
  names.length === 0 ? "Check the name." : `Did you mean ${names.join(", ").replace(/, (?=[^,]*$)/, " or ")}?`

const undefinedFailure = (message: string, failed: FailedEvaluation): BuildFailed | null => {
  const more = { lines: shownLines(failed.lines), location: locationOf(failed.lines) }
  const suggested =
    /Did you mean (?:one of )?(.+?)\?/.exec(failed.lines.join(" "))?.[1]?.split(/, | or /) ?? []
  const near = (name: string, from: ReadonlyArray<string>) =>
    suggested.length > 0 ? suggested.map((each) => each.trim()) : nearestNames(name, from)
  const variable = /undefined variable '([^']+)'/.exec(message)?.[1]
  if (variable !== undefined) {
    const { pkgs, lib, builtins } = failed.names
    const inPackages = pkgs.includes(variable)
      ? [`pkgs.${variable}`]
      : lib.includes(variable)
        ? [`lib.${variable}`]
        : []
    const nearest =
      inPackages.length > 0 ? inPackages : near(variable, ["pkgs", "lib", "builtins", ...pkgs, ...builtins])
    return buildFailed(
      "evaluation-undefined",
      `The name “${variable}” is not defined.`,
      didYouMean(nearest),
      { ...more, suggestions: nearest },
    )
  }
  const attribute = /attribute '([^']+)' (?:missing|not found)|does not provide attribute '([^']+)'/.exec(
    message,
  )
  if (attribute === null) return null
  const name = (attribute[1] ?? attribute[2])!.replaceAll('"', "")
  const last = name.split(".").at(-1)!
  const { pkgs, lib, builtins } = failed.names
  const nearest = near(last, [...pkgs, ...lib, ...builtins])
  return buildFailed("evaluation-undefined", `There is no attribute “${name}”.`, didYouMean(nearest), {
    ...more,
    suggestions: nearest,
  })
}

const missingArgument = (message: string, failed: FailedEvaluation): BuildFailed | null => {
  const name = /called without required argument '([^']+)'/.exec(message)?.[1]
  if (name === undefined) return null
  const suggestions = nearestNames(name, failed.names.pkgs)
  return buildFailed(
    "evaluation-undefined",
    `The function wants “${name}”, which is no package.`,
    didYouMean(suggestions),
    { lines: shownLines(failed.lines), location: locationOf(failed.lines), suggestions },
  )
}

const refused =
  /access to (?:absolute path|path|URI|canonical path) '(.*?)' is forbidden|'(builtins\.storePath)' is not allowed|cannot look up '(<.*?>)'|(?:fetching|'?(?:builtins\.)?fetch\w*'?).*(?:pure|requires a 'sha256'|locked)/

/** Says what failed and where, from the messages of Nix 2.8 to 2.35. */
export const explainEvaluation = (failed: FailedEvaluation): BuildFailed => {
  const limited = limitFailure(failed)
  if (limited !== null) return limited
  const message = plain(messageOf(failed.lines))
  const more = { lines: shownLines(failed.lines), location: locationOf(failed.lines) }
  if (
    /^syntax error|^(?:undefined|invalid) token|unexpected (?:end of file|invalid token)|duplicated? (?:formal|attribute)|attribute '.*' already defined/.test(
      message,
    )
  )
    return buildFailed(
      "evaluation-syntax",
      `The expression has a mistake${more.location ? ` in line ${more.location.line}, column ${more.location.column}` : ""}: ${hideStore(message)}.`,
      "Correct it there.",
      more,
    )
  const undefinedName = undefinedFailure(message, failed) ?? missingArgument(message, failed)
  if (undefinedName !== null) return undefinedName
  const access = refused.exec(message)
  if (access !== null) {
    const what = access[1] ?? access[2] ?? access[3] ?? "that"
    return buildFailed(
      "access-refused",
      `The expression may not read ${what.replace(/^\/nix\/store\/(?=.)/, "./")}.`,
      what.startsWith("/nix/store/")
        ? "It has no such file beside it; put the file and the expression into a Git repository."
        : "An expression sees its own files and `pkgs`; fetch others with `pkgs.fetchurl` and a hash.",
      { ...more, detail: hideStore(message) },
    )
  }
  if (/import-from-derivation|import from derivation|cannot build '.*' during evaluation/i.test(message))
    return buildFailed(
      "access-refused",
      "The expression reads what another derivation makes (import from derivation), which is not allowed.",
      "Put the file that it reads into the repository.",
      { ...more, detail: hideStore(message) },
    )
  const first = hideStore(message.split("\n")[0]!).replace(/[.:]$/, "").slice(0, 300)
  if (failed.ours)
    return buildFailed(
      "evaluation-failed",
      `It cannot be built: ${first}.`,
      "Correct that in the source, then deploy again.",
      more,
    )
  return buildFailed(
    "evaluation-failed",
    `The expression failed: ${first}.`,
    "The lines show what Nix said.",
    {
      ...more,
      detail: hideStore(message),
    },
  )
}
