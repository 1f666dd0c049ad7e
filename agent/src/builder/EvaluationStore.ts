import { mkdir, rm } from "node:fs/promises"
import { join } from "node:path"
import { Effect, Semaphore } from "effect"
import type { BuilderConfig } from "./BuilderConfig.ts"
import { type BuildFailed, buildFailed } from "./BuildFailed.ts"
import { type CommandOutput, runCommand } from "./Command.ts"
import { type Bind, samePath } from "./Confinement.ts"
import { diskFull } from "./DiskWatch.ts"
import { hideStore } from "./explain/StorePaths.ts"

/*
 * Evaluations do not see the machine's store but one of their organization's: whoever knows a store path can make it
 * an input of a derivation (`builtins.appendContext`), in pure evaluation too, and a build can read its inputs. Here
 * no path is valid but what the organization's own evaluations have made, and the package set.
 */

const databaseSeconds = 60
/** At most so much while something is evaluated; looked at so often. */
const storeBytesMost = 4 * 1024 ** 3
const measureMs = 1000
const copySeconds = 300

const tryNix = (command: ReadonlyArray<string>, seconds: number, environment = {}, input?: string) =>
  runCommand(command, {
    seconds,
    environment: {
      HOME: "/var/empty",
      NIX_CONF_DIR: "/var/empty",
      NIX_CONFIG: "experimental-features = nix-command\nbuild-users-group =\nsubstituters =\n",
      ...environment,
    },
    ...(input === undefined ? {} : { input }),
  })

const nix = (...run: Parameters<typeof tryNix>) =>
  tryNix(...run).pipe(
    Effect.filterOrElse(
      ({ exitCode }) => exitCode === 0,
      ({ stderr }) => Effect.die(new Error(`${run[0].slice(0, 2).join(" ")}: ${stderr.slice(-500)}`)),
    ),
    Effect.map(({ stdout }) => stdout),
  )

/** The store that the evaluations of one organization see. */
export class EvaluationStore {
  readonly #root: string
  readonly #shown = new Set<string>()
  readonly #lock = Semaphore.makeUnsafe(1)
  readonly since = Date.now()
  users = 0
  usedAt = this.since
  /** When it was last measured. */
  bytes = 0
  outgrew = false

  constructor(root: string) {
    this.#root = root
  }

  /** What takes the place of the machine's store; `shown` was registered before. */
  get binds(): ReadonlyArray<Bind> {
    return ["/nix/store", "/nix/var"].map((path) => ({ from: join(this.#root, path), to: path }))
  }

  /** Lets evaluations see paths of the machine's store that are nobody's, and gives how they are bound. */
  show(paths: ReadonlyArray<string>): Effect.Effect<ReadonlyArray<Bind>> {
    const register = Effect.gen({ self: this }, function* () {
      const fresh = paths.filter((path) => !this.#shown.has(path))
      if (fresh.length === 0) return
      yield* Effect.promise(async () => {
        for (const { from } of this.binds) await mkdir(from, { recursive: true })
      })
      const known = yield* nix(["nix-store", "--dump-db", ...fresh], databaseSeconds)
      const state = { NIX_STATE_DIR: join(this.#root, "/nix/var/nix") }
      yield* nix(["nix-store", "--load-db"], databaseSeconds, state, known)
      for (const path of fresh) this.#shown.add(path)
    })
    return Effect.as(this.#lock.withPermits(1)(register), paths.map(samePath))
  }

  /** What it takes from the disk. */
  get measure(): Effect.Effect<number> {
    const command = ["du", "--summarize", "--block-size=1", this.#root]
    return Effect.map(runCommand(command, { seconds: databaseSeconds }), ({ stdout }) => {
      this.bytes = Number.parseInt(stdout, 10) || 0
      return this.bytes
    })
  }

  /** Waits until it has taken more than it may, or the builder's disk is full; gives which. */
  outgrown(config: BuilderConfig): Effect.Effect<"store" | "builder"> {
    const most = Math.min(config.diskBytes, storeBytesMost)
    const grown = this.measure.pipe(
      Effect.delay(measureMs),
      Effect.repeat({ until: (bytes) => bytes > most }),
      Effect.as("store" as const),
    )
    const full = Effect.promise((signal) => diskFull(config.dataFolder, signal))
    return Effect.map(Effect.raceFirst(grown, Effect.as(full, "builder" as const)), (what) => {
      this.outgrew = true
      return what
    })
  }

  get removed(): Effect.Effect<void> {
    return Effect.promise(() => rm(this.#root, { recursive: true, force: true }))
  }

  /**
   * Brings a derivation, with all that it is made of, into the machine's store, where it is built. Which one is the
   * customer's word: Nix gives only what is valid in the organization's own store.
   */
  release(drvPath: string): Effect.Effect<void, BuildFailed> {
    const from = `local?root=${this.#root}`
    const command = ["nix", "copy", "--derivation", "--no-check-sigs", "--from", from, "--", drvPath]
    return tryNix(command, copySeconds).pipe(
      Effect.repeat({ until: (copied) => !wasOvertaken(copied) }),
      Effect.timeoutOrElse({
        duration: `${copySeconds} seconds`,
        orElse: () => Effect.succeed({ exitCode: 124, stderr: "" }),
      }),
      Effect.flatMap(({ exitCode, stderr }) =>
        exitCode === 0 ? Effect.void : Effect.fail(notReleased(exitCode, stderr)),
      ),
    )
  }
}

/**
 * Nix 2.8 ends when another copy has brought a path while it waited to: it takes the path's archive, which it did
 * not read, for what comes next. Whatever has come is there the next time, so that each time brings it further.
 */
const wasOvertaken = ({ exitCode, stderr }: Pick<CommandOutput, "exitCode" | "stderr">): boolean =>
  exitCode !== 0 && stderr.includes("not an absolute path: 'nix-archive-1'")

/** The value says that it is a derivation, and there is none that the evaluation made. */
export const notMade = (detail: string): BuildFailed =>
  buildFailed(
    "evaluation-failed",
    "What the expression gives is not a derivation that it made.",
    "Give a derivation as `derivation`, or a function of `pkgs`, makes it.",
    { detail },
  )

const notReleased = (exitCode: number, stderr: string): BuildFailed =>
  exitCode === 124
    ? buildFailed(
        "evaluation-limit",
        `The derivation could not be brought into the store within ${copySeconds / 60} minutes.`,
        "Let it have fewer or smaller inputs.",
      )
    : notMade(hideStore(stderr.split("\n").find((line) => line.includes("error:")) ?? ""))
