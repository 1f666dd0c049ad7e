import { commitTextMax, type FetchedCommit } from "@skypanel/contract/BuildAssignment"
import { formatSize } from "@skypanel/contract/Resources"
import { type BuildFailed, buildFailed } from "../BuildFailed.ts"
import type { EgressEvent } from "../EgressServer.ts"
import { plainLine } from "../LogText.ts"
import type { CertificateProblem } from "./Certificate.ts"
import { type Gitlink, submodulesMost } from "./Submodules.ts"

/** What `git fetch` left behind when it failed. */
export interface FailedFetch {
  readonly url: string
  readonly ref: string | null
  /** What it had to show for itself. */
  readonly access: "token" | "key" | null
  readonly lines: ReadonlyArray<string>
  /** What is wrong with the host's certificate, where that is in the way. */
  readonly certificate: CertificateProblem | null
  readonly events: ReadonlyArray<EgressEvent>
  readonly stopped: "time" | "output" | "asked" | null
  readonly seconds: number
  readonly sourceBytes: number
}

const host = (url: string) => new URL(url).hostname

const refusedCredential = (access: "token" | "key", name: string): [title: string, next: string] =>
  access === "token"
    ? [
        `${name} does not take the service's access token.`,
        "Give it a token that is valid and may read this repository.",
      ]
    : [
        `${name} does not take the service's deploy key.`,
        "Add the public half, which the service's settings show, to the repository as a deploy key.",
      ]

const certificates: Record<CertificateProblem, (name: string) => [title: string, next: string]> = {
  expired: (name) => [`The certificate of ${name} has expired.`, "Whoever runs that host has to renew it."],
  "not-yet-valid": (name) => [
    `The certificate of ${name} is not valid yet.`,
    "Look at the clocks of that host and of the builder.",
  ],
  "other-name": (name) => [
    `The certificate of ${name} is for other names.`,
    "Write the URL with a name that it is for, or give that host a certificate for this one.",
  ],
  "unknown-authority": (name) => [
    `The certificate of ${name} is from an authority that builders do not trust.`,
    "Does the host send its whole chain? An organization's own authority the operator adds to those that builders trust.",
  ],
}

/** Of git, of ssh, and of git-lfs. */
export const asksForCredentials = (text: string): boolean =>
  /could not read (?:Username|Password)|Authentication (?:failed|required)|credentials for .* not found|Permission denied \(|access denied|\b401\b|\b403\b/i.test(
    text,
  )

/** Reads the messages of git 2.30 and newer (with `LANG=C`) and of our own proxy. */
export const explainFetch = (failed: FailedFetch): BuildFailed => {
  const text = failed.lines.join("\n")
  const lines = failed.lines.filter((line) => /^(?:fatal|error|remote|ssh|warning):?/.test(line)).slice(-10)
  const more = { lines }
  const event = failed.events[0]
  if (event?._tag === "limit")
    return buildFailed(
      "source-refused",
      `The repository is larger than ${formatSize(failed.sourceBytes)}.`,
      "Keep large files out of the repository.",
      more,
    )
  if (event?._tag === "refused")
    return buildFailed(
      "source-refused",
      `The repository's address ${event.destination.host}:${event.destination.port} may not be reached from here.`,
      "Use a repository on a public host.",
      { ...more, detail: event.reason },
    )
  if (event?._tag === "unreachable")
    return buildFailed(
      "source-not-found",
      `The host ${event.destination.host} was not reached: ${event.reason}.`,
      "Check the URL's host name, and that the host is up.",
      more,
    )
  if (failed.certificate !== null)
    return buildFailed("certificate-refused", ...certificates[failed.certificate](host(failed.url)), more)
  if (failed.stopped === "time")
    return buildFailed(
      "source-not-found",
      `The repository was not fetched within ${failed.seconds} seconds.`,
      "Try again; if it stays so, the host is slow or the repository is too large.",
      more,
    )
  if (/couldn't find remote ref|not our ref|no such remote ref|did not match any/i.test(text))
    return failed.ref === null
      ? buildFailed("source-not-found", "The repository is empty.", "Push a commit, then deploy again.", more)
      : buildFailed(
          "source-not-found",
          `The repository has no branch, tag or commit “${failed.ref}”.`,
          /^[0-9a-f]{4,39}$/.test(failed.ref)
            ? "Write all 40 characters of the commit, or a branch or tag."
            : "Check the name; leave it empty for the default branch.",
          more,
        )
  if (/Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED/i.test(text))
    return buildFailed(
      "host-key-changed",
      `${host(failed.url)} shows another host key than before, so nothing was fetched.`,
      "Compare the key with the one that the host publishes; if it is right, forget the old one in the service's settings and deploy again.",
      { ...more, detail: /SHA256:[A-Za-z0-9+/]{43}/.exec(text)?.[0] ?? "" },
    )
  const unsound = failed.lines.find((line) => /^error: object [0-9a-f]+: \w+: /.test(line))
  if (unsound !== undefined)
    return buildFailed(
      "source-refused",
      "Git does not take what is in the repository.",
      "Correct what the message says; `git fsck` shows the same.",
      { ...more, detail: unsound },
    )
  if (asksForCredentials(text))
    return failed.access === null
      ? buildFailed(
          "source-not-found",
          `${host(failed.url)} asks for credentials: the repository does not exist or is not public.`,
          "Check the URL; for a private one give the service an access token or a deploy key, in its settings.",
          more,
        )
      : buildFailed("credential-refused", ...refusedCredential(failed.access, host(failed.url)), more)
  if (
    /not found|does not exist|does not appear to be a git repository|not valid: is this a git repository|\b404\b|\b410\b/i.test(
      text,
    )
  )
    return buildFailed(
      "source-not-found",
      `There is no Git repository at ${failed.url}.`,
      failed.access === null
        ? "Check the URL; it is the one that `git clone` takes."
        : "Check the URL, and that the service's credential may read this repository.",
      more,
    )
  return buildFailed(
    "source-not-found",
    `The repository at ${failed.url} could not be fetched.`,
    "Check the URL; the lines show what Git said.",
    more,
  )
}

/** What is in a commit, before any of it is written. */
export interface TreeSummary {
  readonly files: number
  readonly bytes: number
  readonly submodules: ReadonlyArray<Gitlink>
  /** Of its `.gitmodules`; 0 when there is none. */
  readonly modulesBytes: number
}

export const emptyTree: TreeSummary = { files: 0, bytes: 0, submodules: [], modulesBytes: 0 }

/** Adds one line of `git ls-tree -r -l`: `<mode> <type> <object> <size>\t<path>`. */
export const addTreeEntry = (summary: TreeSummary, line: string): TreeSummary => {
  const [, mode, commit, size, path] = /^(\d{6}) \w+ ([0-9a-f]+) +(\d+|-)\t(.*)$/s.exec(line) ?? []
  if (mode === undefined) return summary
  const bytes = size === "-" ? 0 : Number(size)
  return {
    files: summary.files + 1,
    bytes: summary.bytes + bytes,
    submodules:
      mode === "160000" && summary.submodules.length <= submodulesMost
        ? [...summary.submodules, { path: path!, commit: commit! }]
        : summary.submodules,
    modulesBytes: path === ".gitmodules" ? bytes : summary.modulesBytes,
  }
}

export const countFiles = (files: number): string => (files === 1 ? "1 file" : `${files} files`)

/** The commit in a line of `FETCH_HEAD`; null when it holds none. */
export const fetchedCommit = (fetchHead: string): string | null =>
  /^([0-9a-f]{40}|[0-9a-f]{64})\t/.exec(fetchHead)?.[1] ?? null

const commitText = (line: string): string => {
  const characters = Array.from(plainLine(line).toWellFormed().trim())
  return characters.slice(0, commitTextMax / 2).join("")
}

/** Reads `git log --format=%an%n%s`: whatever whoever wrote it had in mind, it is two short lines. */
export const describedCommit = (
  revision: string,
  [author = "", subject = ""]: ReadonlyArray<string>,
): FetchedCommit => ({
  revision,
  author: commitText(author),
  subject: commitText(subject),
})
