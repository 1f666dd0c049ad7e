import type { GitUrl } from "@skypanel/contract/GitUrl"
import { Effect } from "effect"
import type { BuildSpace } from "../BuildSpace.ts"
import { type Ended, runConfined } from "../ConfinedProcess.ts"
import { type Bind, certificatesFile, confine } from "../Confinement.ts"
import { proxyUrl } from "../EgressNamespace.ts"
import { closedPolicy, type EgressPolicy } from "../EgressPolicy.ts"
import { certificateProblem } from "./Certificate.ts"
import { closeAccess, type FetchAccess, openAccess, takenHostKeys } from "./GitAccess.ts"
import type { FailedFetch } from "./GitOutput.ts"
import type { Remote } from "./Submodules.ts"

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
  // Names are shown as they are, but for control characters, quotes and backslashes.
  "core.quotePath=false",
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

const environment = (allowHttp: boolean) => ({
  GIT_SSL_CAINFO: certificatesFile,
  // What git-lfs goes by.
  SSL_CERT_FILE: certificatesFile,
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
  /** Ends it when that settles; the signal says that it is over. */
  readonly until?: (signal: AbortSignal) => Promise<void>
}

/** Runs git as the fetcher; what it may use at the repository's host is there only while `access` says so. */
export const runGit = (
  space: BuildSpace,
  url: GitUrl,
  args: ReadonlyArray<string>,
  onLine: (stream: "stdout" | "stderr", line: string) => void,
  { writable, seconds = fetchSeconds, until }: GitRun,
  access: FetchAccess | null = null,
): Effect.Effect<Ended> => {
  const over = new AbortController()
  return runConfined(
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
          ...environment(url.protocol === "http"),
          ...(access === null ? {} : { GIT_SSH_COMMAND: access.sshCommand }),
        },
      },
      ["git", ...settings, ...(access?.settings ?? []), ...args],
    ),
    {
      group: space.group,
      seconds,
      outputBytes,
      onLine,
      ...(until !== undefined && { until: until(over.signal) }),
    },
  ).pipe(Effect.ensuring(Effect.sync(() => over.abort())))
}

/** What is asked of a repository's host. */
export interface Asking extends GitRun {
  readonly remote: Remote
  readonly ref: string | null
  /** How many bytes may come. */
  readonly receivedMax: number
  /** An ssh host may say another port of its own: where its LFS files are. */
  readonly allPorts?: boolean
}

export interface Answered {
  readonly ended: Ended
  /** The first lines of its output. */
  readonly output: ReadonlyArray<string>
  /** Keys that the host showed and that were not known before. */
  readonly hostKeys: ReadonlyArray<string>
  /** What there is to explain it by, if it went wrong. */
  readonly failed: FailedFetch
}

const linesMost = 200
const defaultPorts = { https: 443, http: 80, ssh: 22 }

/** What may be reached: the port of the URL, and https where it sends on to. */
const reachable = (space: BuildSpace, { remote: { url }, receivedMax, allPorts }: Asking): EgressPolicy => {
  const { port } = new URL(url.href)
  return {
    ...closedPolicy,
    allowPrivate: space.config.allowPrivateGit,
    ports: new Set([443, port === "" ? defaultPorts[url.protocol] : Number(port)]),
    ...(allPorts === true && { allPortsOf: url.host }),
    receivedMax,
  }
}

/**
 * Runs git where it asks a repository's host, with what there is for that one. Whatever comes of that: what was for it
 * alone is gone afterwards, and the host's key is known.
 */
export const askRemote = (
  space: BuildSpace,
  asking: Asking,
  args: ReadonlyArray<string>,
): Effect.Effect<Answered> =>
  Effect.gen(function* () {
    const { remote, ref, seconds = fetchSeconds } = asking
    const [lines, output]: [Array<string>, Array<string>] = [[], []]
    let hostKeys: ReadonlyArray<string> = []
    const finish = async () => {
      hostKeys = await takenHostKeys(remote.access, space.secrets)
      space.sawHostKeys(hostKeys)
      await closeAccess(space.secrets)
    }
    const onLine = (stream: "stdout" | "stderr", line: string) => {
      if (lines.length < linesMost) lines.push(line)
      if (stream === "stdout" && output.length < linesMost) output.push(line)
    }
    space.egress.setPolicy(reachable(space, asking))
    const access = yield* Effect.promise(() => openAccess(remote.url, remote.access, space.secrets))
    const ended = yield* runGit(space, remote.url, args, onLine, asking, access).pipe(
      Effect.onExit(() => Effect.promise(finish)),
    )
    const events = space.egress.takeEvents()
    const certificate =
      ended.exitCode === 0 ? null : yield* certificateProblem(space, remote.url, lines.join("\n"))
    const failed = {
      url: remote.url.href,
      certificate,
      ref,
      access: remote.access?._tag ?? null,
      lines,
      events,
      stopped: ended.stopped,
      seconds,
      sourceBytes: space.assignment.limits.sourceBytes,
    }
    return { ended, output, hostKeys, failed }
  })
