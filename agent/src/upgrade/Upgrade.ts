import type { DesiredAgent } from "@skypanel/contract/AgentProtocol"
import type { AgentOrigin } from "@skypanel/contract/Worker"
import { Context, Deferred, Effect, FiberHandle, Layer, Schedule } from "effect"
import { versionFiles } from "../launcher/versionFiles.ts"
import { runningSha256 } from "./agentVersion.ts"
import { DownloadFailed, downloadBundle } from "./download.ts"

export interface UpgradeSettings {
  readonly controlPlane: URL
  readonly dataFolder: string
  readonly origin: AgentOrigin
}

/** Brings this agent to the version that the platform wants. Where the machine itself decides, nothing happens. */
export class Upgrade extends Context.Service<
  Upgrade,
  {
    /** Begins to fetch that version, if it is not the one that runs and has not failed here; `ready` follows. */
    readonly consider: (desired: typeof DesiredAgent.Type | null) => Effect.Effect<void>
    /** To be called when the platform has welcomed this agent: this version works. */
    readonly confirm: Effect.Effect<void>
    /** Waits until another version is on the disk: the agent shall say goodbye and end with `upgradeExitCode`. */
    readonly ready: Effect.Effect<void>
    readonly isReady: Effect.Effect<boolean>
  }
>()("agent/upgrade/Upgrade") {
  static readonly layerNone = Layer.effect(
    Upgrade,
    Effect.suspend(() => none),
  )
  static readonly layer = (settings: UpgradeSettings) =>
    Layer.effect(
      Upgrade,
      Effect.suspend(() => {
        const running = runningSha256()
        return settings.origin === "bundle" && running !== null ? make(settings, running) : none
      }),
    )
}

const none = Effect.succeed({
  consider: () => Effect.void,
  confirm: Effect.void,
  ready: Effect.never,
  isReady: Effect.succeed(false),
} satisfies Upgrade["Service"])

/** A platform that does not have the file yet, a network that breaks, a full disk: tried again, ever more slowly. */
const again = Schedule.min([Schedule.exponential("1 second"), Schedule.spaced("1 minute")])

const make = ({ controlPlane, dataFolder }: UpgradeSettings, running: string) =>
  Effect.gen(function* () {
    const files = versionFiles(dataFolder)
    const fetching = yield* FiberHandle.make<void>()
    const done = yield* Deferred.make<void>()
    let wanted: string | null = null

    const keep = (sha256: string, bundle: Buffer) =>
      Effect.try({
        try: () => {
          files.keep(sha256, bundle)
          files.setNext(sha256)
        },
        catch: (error) => new DownloadFailed({ url: files.path(sha256), reason: (error as Error).message }),
      })

    const fetchNext = (sha256: string) =>
      downloadBundle(controlPlane, sha256).pipe(
        Effect.andThen((bundle) => keep(sha256, bundle)),
        Effect.tapError((error) => Effect.logWarning(`no new version of the agent yet: ${error.message}`)),
        Effect.retry(again),
        Effect.andThen(Deferred.succeed(done, undefined)),
        Effect.ignore,
      )

    return {
      consider: (desired) =>
        Effect.gen(function* () {
          const sha256 = desired === null || desired.sha256 === running ? null : desired.sha256
          if (sha256 === wanted) return
          wanted = sha256
          if (sha256 === null) return yield* FiberHandle.clear(fetching)
          const failure = files.failed().find((each) => each.sha256 === sha256)
          if (failure !== undefined) {
            yield* FiberHandle.clear(fetching)
            return yield* Effect.logWarning(
              `version ${desired?.version} is not tried again; ${failure.at}: ${failure.why}`,
            )
          }
          yield* FiberHandle.run(fetching, fetchNext(sha256))
        }),
      confirm: Effect.try(() => {
        if (files.state().confirmed !== running) files.confirm(running)
      }).pipe(Effect.catch((error) => Effect.logError("this version cannot be confirmed", error))),
      ready: Deferred.await(done),
      isReady: Deferred.isDone(done),
    } satisfies Upgrade["Service"]
  })
