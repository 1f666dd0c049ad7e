import type { GitUrl } from "@skypanel/contract/GitUrl"
import { Effect } from "effect"
import type { BuildFailed } from "../BuildFailed.ts"
import type { BuildSpace } from "../BuildSpace.ts"
import { type Ended, runConfined } from "../ConfinedProcess.ts"
import { type Bind, confine } from "../Confinement.ts"
import { proxyUrl } from "../EgressNamespace.ts"
import { closeAccess, type FetchAccess, openAccess, takenHostKeys } from "./GitAccess.ts"
import { explainFetch } from "./GitOutput.ts"

const fetchSeconds = 120
const outputBytes = 64 * 1024 * 1024

/**
 * Settings that no repository can change: no hook, no filter, no helper runs, nothing asks, and only the protocols
 * that a Git URL may have. Redirects are followed at the start (GitLab needs that): where they may lead is decided by
 * the egress proxy, through which everything goes.
 */
const settings = [
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "core.protectHFS=true",
  "core.protectNTFS=true",
  "credential.helper=",
  "http.followRedirects=initial",
  "http.lowSpeedLimit=100",
  "http.lowSpeedTime=30",
  "transfer.fsckObjects=true",
  "fetch.fsck.zeroPaddedFilemode=ignore",
  "submodule.recurse=false",
  "gc.auto=0",
  "maintenance.auto=false",
  "advice.detachedHead=false",
].flatMap((setting) => ["-c", setting])

const environment = (allowHttp: boolean, certificates: string) => ({
  GIT_SSL_CAINFO: certificates,
  GIT_ALLOW_PROTOCOL: allowHttp ? "https:ssh:http" : "https:ssh",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_TERMINAL_PROMPT: "0",
  GIT_LFS_SKIP_SMUDGE: "1",
  GIT_ATTR_NOSYSTEM: "1",
  LC_ALL: "C",
  http_proxy: proxyUrl,
  https_proxy: proxyUrl,
})

export interface GitRun {
  readonly writable: ReadonlyArray<Bind>
  /** How long it may take; left out: as long as a fetch. */
  readonly seconds?: number
}

/** Runs git as the fetcher; what it may use at the repository's host is there only while `access` says so. */
export const runGit = (
  space: BuildSpace,
  url: GitUrl,
  args: ReadonlyArray<string>,
  onLine: (stream: "stdout" | "stderr", line: string) => void,
  { writable, seconds = fetchSeconds }: GitRun,
  access: FetchAccess | null = null,
): Effect.Effect<Ended> =>
  runConfined(
    confine(
      space.host,
      {
        as: "fetcher",
        network: space.network.path,
        writable: [...writable, ...(access?.writable ?? [])],
        readable: [],
        scratchBytes: 16 * 1024 * 1024,
        fileBytes: space.assignment.limits.sourceBytes,
        addressBytes: space.group.bounded ? null : space.assignment.limits.memoryBytes,
        environment: {
          ...environment(url.protocol === "http", space.host.certificates),
          ...(access === null ? {} : { GIT_SSH_COMMAND: access.sshCommand }),
        },
      },
      ["git", ...settings, ...(access?.settings ?? []), ...args],
    ),
    { group: space.group, seconds, outputBytes, onLine },
  )

export interface Answered {
  readonly ended: Ended
  /** The first lines of its output, and of all that it said. */
  readonly output: ReadonlyArray<string>
  /** Why it went wrong, if it did. */
  readonly explain: () => BuildFailed
}

const linesMost = 200

/**
 * Runs git where it asks the repository's host, with the service's credential. Whatever comes of that: what was for it
 * alone is gone afterwards, and the host's key is known.
 */
export const askRemote = (
  space: BuildSpace,
  url: GitUrl,
  ref: string | null,
  args: ReadonlyArray<string>,
  how: GitRun,
): Effect.Effect<Answered> =>
  Effect.gen(function* () {
    const allowed = space.assignment.access ?? null
    const [lines, output]: [Array<string>, Array<string>] = [[], []]
    const finish = async () => {
      space.sawHostKeys(await takenHostKeys(allowed, space.secrets))
      await closeAccess(space.secrets)
    }
    const onLine = (stream: "stdout" | "stderr", line: string) => {
      if (lines.length < linesMost) lines.push(line)
      if (stream === "stdout" && output.length < linesMost) output.push(line)
    }
    const access = yield* Effect.promise(() => openAccess(url, allowed, space.secrets))
    const ended = yield* runGit(space, url, args, onLine, how, access).pipe(
      Effect.onExit(() => Effect.promise(finish)),
    )
    const events = space.egress.takeEvents()
    const explain = () =>
      explainFetch({
        url: url.href,
        ref,
        access: allowed?._tag ?? null,
        lines,
        events,
        stopped: ended.stopped,
        seconds: how.seconds ?? fetchSeconds,
        sourceBytes: space.assignment.limits.sourceBytes,
      })
    return { ended, output, explain }
  })
