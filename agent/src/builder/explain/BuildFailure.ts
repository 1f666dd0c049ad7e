import type { BuildAssignment } from "@skypanel/contract/BuildAssignment"
import { formatSize } from "@skypanel/contract/Resources"
import { shortDigest } from "@skypanel/contract/shortDigest"
import { type BuildFailed, buildFailed } from "../BuildFailed.ts"
import type { EgressEvent } from "../EgressServer.ts"
import type { Hashed } from "../learn/Learns.ts"
import { derivationName } from "../NixEvents.ts"
import type { LockedFile } from "../recognise/Recognised.ts"
import { buildLocation } from "./BuildLocation.ts"
import { fetchFailure } from "./FetchFailure.ts"
import { hashMismatches } from "./HashMismatch.ts"
import { linesThatMatter } from "./LinesThatMatter.ts"
import { hideStore } from "./StorePaths.ts"

/** Why a build was ended by us. */
export type BuildStop = "time" | "output" | "memory" | "disk"

/** What a realisation that failed has left. */
export interface FailedBuild {
  /** Nix's own messages of level error, without colours. */
  readonly messages: ReadonlyArray<string>
  /** The last lines that each derivation has printed, without colours. */
  readonly logs: ReadonlyMap<string, ReadonlyArray<string>>
  /** What the egress proxy saw. */
  readonly events: ReadonlyArray<EgressEvent>
  readonly stopped: BuildStop | null
  /** What of it is fetched without a hash in a lock file. */
  readonly learns?: ReadonlyArray<Hashed>
  /** Where a lock file has the hashes of files that are fetched. */
  readonly locked?: ReadonlyArray<LockedFile>
  readonly limits: Pick<BuildAssignment["limits"], "buildSeconds" | "memoryBytes" | "logBytes">
}

const stops: Record<BuildStop, (limits: FailedBuild["limits"]) => readonly [title: string, next: string]> = {
  time: ({ buildSeconds }) => [
    `The build did not end within ${Math.round(buildSeconds / 60)} minutes.`,
    "Look for a command that waits for something, such as a server that the build starts.",
  ],
  output: ({ logBytes }) => [
    `The build printed more than ${formatSize(logBytes)}.`,
    "Let it print less; the log has its beginning.",
  ],
  memory: ({ memoryBytes }) => [
    `The build needed more than ${formatSize(memoryBytes)} of memory.`,
    "Let it do less at a time, such as fewer parallel jobs.",
  ],
  disk: () => ["The build wrote more than a build may.", "Let it write less; look at what it generates."],
}

/** What was stopped by us, and the last of what it printed. */
export const stopFailure = (
  stopped: BuildStop,
  limits: FailedBuild["limits"],
  printed: ReadonlyArray<string>,
): BuildFailed => {
  const [title, next] = stops[stopped](limits)
  return buildFailed("build-limit", title, next, { lines: printed.slice(-10) })
}

const failedDerivation = (messages: ReadonlyArray<string>): { drv: string; exit: string } | null => {
  for (const message of messages) {
    const match =
      /builder for '([^']+\.drv)' failed with (exit code \d+|signal \d+[^;.\n]*)/.exec(message) ??
      /Cannot build '([^']+\.drv)'[\s\S]*?builder failed (?:with|due to) (exit code \d+|signal \d+[^;.\n]*)/.exec(
        message,
      ) ??
      /build of '([^']+\.drv)(?:\^\S*)?'.*failed(.*)/.exec(message)
    if (match) return { drv: match[1]!, exit: match[2]!.trim() }
  }
  return null
}

const lockMismatch = [
  /`?npm ci`? can only install packages when your package\.json and package-lock\.json/,
  /package\.json and package-lock\.json .*are not in sync|lock file's? .* does not satisfy/i,
  /Missing: \S+ from lock file/,
  /npm-deps.*hash is out of date|package-lock\.json is out of date/i,
  /go\.sum.*(?:missing|mismatch)|missing go\.sum entry|updates to go\.(?:mod|sum) needed|inconsistent vendoring/,
  /cannot update the lock file \S+ because --(?:frozen|locked)|lock file \S+ needs to be updated but --(?:frozen|locked)/,
  /THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE/,
  /EINTEGRITY/,
]

/** Whether a log says that a lock file does not fit. */
const saysLockMismatch = (lines: ReadonlyArray<string>): boolean =>
  lines.some((line) => lockMismatch.some((pattern) => pattern.test(line)))

const lockMismatchFailure = (lines: ReadonlyArray<string>): BuildFailed =>
  buildFailed(
    "lock-mismatch",
    "The lock file does not match what it locks.",
    lines.some((line) => /\bgo(?:\.(?:sum|mod)\b| mod )/.test(line))
      ? "Run `go mod tidy` and commit go.mod and go.sum."
      : "Run the package manager's install (such as `npm install`) and commit the lock file that it writes.",
    { lines },
  )

const lockedMismatch = ({ name, file, line }: LockedFile, detail: string, lines: ReadonlyArray<string>) =>
  buildFailed(
    "hash-mismatch",
    `${file}, line ${line}: ${name} is not the file that the hash there names.`,
    "Either the version was published anew, or the lock file is wrong: compare both with where it comes from before you make the lock file again.",
    { detail, lines, location: { file, line, column: 1 } },
  )

const hashMismatch = ({ messages, learns = [], locked = [] }: FailedBuild): BuildFailed | null => {
  const [found] = hashMismatches(messages)
  if (found === undefined) return null
  const lines = found.message.split("\n").map(hideStore)
  const detail = `Specified ${found.wanted}, got ${found.got}.`
  const named = locked.find(({ name }) => name === found.name)
  if (named !== undefined) return lockedMismatch(named, detail, lines)
  const held = learns.find(({ name }) => name === found.name)
  if (held === undefined)
    return buildFailed(
      "hash-mismatch",
      `The file ${found.name} is not the one that its hash names.`,
      "If the new file is the right one, write its hash into the expression, or make the lock file again.",
      { detail, lines },
    )
  return buildFailed(
    "hash-mismatch",
    `The dependencies of ${held.subject} are not what they were when their hash was learned.`,
    `Find out why before you take them. If they are right, forget the hash (\`skypanel learned forget NAME ${shortDigest(held.lock)}\`, or in the service's settings) and deploy again.`,
    {
      detail: `The lock file says the same (${held.lock}), yet other bytes came: expected ${found.wanted}, got ${found.got}.`,
      lines,
    },
  )
}

/** What the build asked of the network in vain. */
export const networkAsked = (events: ReadonlyArray<EgressEvent>): string => {
  const seen = events.flatMap((event) =>
    event._tag === "limit" ? [] : [`${event.destination.host}:${event.destination.port} (${event.reason})`],
  )
  return seen.length === 0 ? "" : `The build asked for ${[...new Set(seen)].slice(0, 5).join(", ")}.`
}

/** Says what failed and which lines say why, from the messages of Nix 2.8 to 2.35. */
export const explainBuild = (failed: FailedBuild): BuildFailed => {
  const all = failed.messages.join("\n")
  const failing = failedDerivation(failed.messages)
  const log = (failing && failed.logs.get(failing.drv)) ?? []
  const name = failing ? derivationName(failing.drv) : ""
  const stopped =
    failed.stopped ??
    (/timed out after|(?:silent|silence)/.test(all)
      ? "time"
      : /(?:killed after writing|log limit|more than \d+ bytes of log)/.test(all)
        ? "output"
        : null)
  if (stopped !== null) return stopFailure(stopped, failed.limits, [...failed.logs.values()].at(-1) ?? [])
  if (
    /(?:unable to|cannot|could not) .*(?:sandbox|namespace)|sandbox.*not supported|(?:setgroups|mount|unshar|clon|pivot|namespace|sandbox)[^\n]*(?:Operation not permitted|Invalid argument|not supported)/i.test(
      all,
    )
  )
    return buildFailed(
      "internal",
      "This builder cannot isolate builds, so it did not build.",
      "Ask the operator to look at the builder; nothing is wrong with the source.",
    )
  const mismatch = hashMismatch(failed)
  if (mismatch !== null) return mismatch
  const lines = linesThatMatter(log).map(hideStore)
  const network = networkAsked(failed.events)
  const learns = failed.learns?.find((each) => each.name === name)
  const fetching = learns === undefined ? null : fetchFailure(learns, log, network)
  if (fetching !== null) return fetching
  if (saysLockMismatch(log)) return lockMismatchFailure(lines)
  return buildFailed(
    "build-failed",
    name === ""
      ? "The build failed."
      : `Building ${name} failed${failing!.exit === "" ? "" : ` with ${failing!.exit}`}.`,
    network === ""
      ? "The lines below say why; the build's log has everything."
      : failed.events.some(({ _tag }) => _tag === "refused")
        ? "Builds reach public addresses only."
        : "Check the address, and that its host is up.",
    {
      lines:
        lines.length > 0 ? lines : failed.messages.flatMap((message) => message.split("\n")).map(hideStore),
      detail: network,
      location: buildLocation(log),
    },
  )
}
