import { mkdir } from "node:fs/promises"
import { availableParallelism } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { cacheSubstituters } from "./BuildCache.ts"
import type { BuildFailed } from "./BuildFailed.ts"
import type { BuildSpace } from "./BuildSpace.ts"
import { runConfined } from "./ConfinedProcess.ts"
import { certificatesFile, confine, samePath } from "./Confinement.ts"
import { diskWatch } from "./DiskWatch.ts"
import { proxyUrl } from "./EgressNamespace.ts"
import { type BuildStop, explainBuild, type FailedBuild } from "./explain/BuildFailure.ts"
import { removeLeftovers } from "./Leftovers.ts"
import { plainLine } from "./LogText.ts"
import type { Hashed } from "./learn/Learns.ts"
import { derivationName, parseNixEvent } from "./NixEvents.ts"
import type { Evaluated } from "./NixExpression.ts"
import { nixSettings } from "./NixSettings.ts"
import type { PackageSource } from "./PackageSource.ts"
import type { LockedFile } from "./recognise/Recognised.ts"

const silentSeconds = 600
const GiB = 1024 ** 3
/** The largest file that a build may write. */
export const fileBytesMax = 4 * GiB
const tailLines = 300
const messagesMax = 200

/** Reads what Nix reports, writes the log, and keeps what a failure will need. */
class Progress {
  readonly messages: Array<string> = []
  readonly logs = new Map<string, Array<string>>()
  readonly #builds = new Map<number, string>()
  readonly #space: BuildSpace
  /** Derivations whose builds have not ended. */
  get unfinished(): ReadonlyArray<string> {
    return [...this.#builds.values()]
  }
  constructor(space: BuildSpace) {
    this.#space = space
  }

  /** False when the log is full. */
  read(line: string): boolean {
    const event = parseNixEvent(line)
    switch (event?._tag) {
      case "build":
        this.#builds.set(event.id, event.drvPath)
        this.logs.set(event.drvPath, [])
        this.#space.note(`building ${derivationName(event.drvPath)}`)
        return true
      case "line": {
        const log = this.logs.get(this.#builds.get(event.id) ?? "")
        if (log && log.push(plainLine(event.text)) > tailLines) log.shift()
        return this.#space.line("stdout", event.text)
      }
      case "stop":
        this.#builds.delete(event.id)
        return true
      case "fetch":
        if (event.text.startsWith("copying path"))
          this.#space.note(`downloading ${derivationName(event.text.split("'")[1] ?? "")}`)
        return true
      case "message":
        if (event.level === 0 && this.messages.length < messagesMax)
          this.messages.push(plainLines(event.text))
        return true
      case "other":
        if (this.messages.length < messagesMax) this.messages.push(plainLine(event.text))
        return true
      default:
        return true
    }
  }
}

const plainLines = (text: string) => text.split("\n").map(plainLine).join("\n")

/**
 * Builds one output of a derivation, and gives what is left where it failed; its root keeps it from being collected while
 * the build's folder is there. `flags`: Nix' own, besides.
 */
export const tryRealise = (
  space: BuildSpace,
  source: PackageSource,
  { drvPath, outputName }: Pick<Evaluated, "drvPath" | "outputName">,
  flags: ReadonlyArray<string> = [],
): Effect.Effect<FailedBuild | null> =>
  Effect.gen(function* () {
    const { limits } = space.assignment
    const progress = new Progress(space)
    let stopped: BuildStop | null = null
    const watch = new AbortController()
    let stop = () => {}
    const until = new Promise<void>((resolve) => {
      stop = resolve
    })
    void diskWatch("/nix/store", space.config, watch.signal).then(() => {
      stopped ??= "disk"
      stop()
    })
    const workFolder = join(space.folder, "work")
    yield* Effect.promise(() => mkdir(workFolder, { recursive: true }))
    const before = yield* Effect.promise(() => space.group.memoryKills())
    const ended = yield* runConfined(
      confine(
        space.host,
        {
          as: "builder",
          network: space.network.path,
          // Newer Nix (2.30 on) has the folders that builds work in there; they are gone with this one.
          writable: [
            samePath("/nix"),
            samePath(space.folder),
            { from: workFolder, to: "/nix/var/nix/builds" },
          ],
          readable: [],
          scratchBytes: limits.memoryBytes,
          fileBytes: fileBytesMax,
          addressBytes: null,
          environment: {
            NIX_CONFIG: nixSettings(
              "build",
              { buildSeconds: limits.buildSeconds, silentSeconds, logBytes: limits.logBytes },
              availableParallelism(),
              {
                substituters: [...cacheSubstituters(space.assignment), ...source.substituters],
                sandboxShell: source.sandboxShell,
              },
            ),
            NIX_CONF_DIR: "/var/empty",
            NIX_SSL_CERT_FILE: certificatesFile,
            http_proxy: proxyUrl,
            https_proxy: proxyUrl,
          },
        },
        [
          "nix-store",
          "--realise",
          `${drvPath}!${outputName}`,
          "--add-root",
          join(space.folder, "result"),
          "--log-format",
          "internal-json",
          "-v",
          ...flags,
        ],
      ),
      {
        group: space.group,
        seconds: limits.buildSeconds,
        // Nix's own reports come on top of what the builders print.
        outputBytes: limits.logBytes * 4 + 64 * 1024 * 1024,
        until,
        onLine: (stream, line) => {
          if (stream === "stderr" && !progress.read(line)) {
            stopped ??= "output"
            stop()
          }
        },
      },
    ).pipe(
      Effect.ensuring(
        Effect.suspend(() => {
          watch.abort()
          return removeLeftovers(progress.unfinished)
        }),
      ),
    )
    if (ended.exitCode === 0) return null
    const outOfMemory = (yield* Effect.promise(() => space.group.memoryKills())) > before
    return {
      messages: progress.messages,
      logs: progress.logs,
      events: space.egress.takeEvents(),
      stopped:
        stopped ??
        (ended.stopped === "time" || ended.stopped === "output"
          ? ended.stopped
          : outOfMemory
            ? "memory"
            : null),
      limits,
    }
  })

/**
 * Builds one output of a derivation. `learns`: what of it is held to a hash that an earlier build has learned; `locked`:
 * where a lock file has the hashes of the others.
 */
export const realise = (
  space: BuildSpace,
  source: PackageSource,
  target: Pick<Evaluated, "drvPath" | "outputName">,
  learns: ReadonlyArray<Hashed>,
  locked: ReadonlyArray<LockedFile>,
): Effect.Effect<void, BuildFailed> =>
  Effect.flatMap(tryRealise(space, source, target), (failed) =>
    failed === null ? Effect.void : Effect.fail(explainBuild({ ...failed, learns, locked })),
  )
