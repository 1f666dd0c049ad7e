import { mkdir, readFile, rename, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { type Desired, Down } from "@skypanel/contract/AgentProtocol"
import { Context, Effect, Layer, Schema, type Stream } from "effect"
import { makeChanges } from "../Changes.ts"
import { AgentConfig } from "../config.ts"

const stored = Schema.fromJsonString(Down)
const decode = Schema.decodeUnknownEffect(stored)
const encode = Schema.encodeUnknownEffect(stored)

/** What a worker shall do that nobody has told anything yet. */
export const nothing: Desired = {
  _tag: "desired",
  generation: 0,
  builds: [],
  placements: [],
  ended: [],
  volumes: [],
  routes: [],
  peers: [],
  peerSecret: "",
  fleetAddresses: [],
  clusterAddresses: [],
  logs: [],
  agent: null,
}

/**
 * What the platform wants of this worker. It is kept on disk, so that an agent that starts while the platform is away
 * goes on with the routes and containers it had.
 */
export class DesiredState extends Context.Service<
  DesiredState,
  {
    readonly current: () => Desired
    /** False until the platform itself has spoken since this agent started: then builds and readers are old news. */
    readonly isFresh: () => boolean
    readonly accept: (desired: Desired) => Effect.Effect<void>
    readonly changes: Stream.Stream<void>
  }
>()("agent/desired/DesiredState") {
  static readonly layer = Layer.effect(
    DesiredState,
    Effect.gen(function* () {
      const { dataFolder } = yield* AgentConfig
      const file = join(dataFolder, "desired.json")
      const changes = yield* makeChanges
      let current = yield* load(file)
      let fresh = false
      return {
        current: () => current,
        isFresh: () => fresh,
        changes: changes.stream,
        accept: (desired) =>
          Effect.gen(function* () {
            current = desired
            fresh = true
            yield* changes.tell
            yield* save(file, desired)
          }),
      }
    }),
  )
}

const load = (file: string): Effect.Effect<Desired> =>
  Effect.tryPromise(() => readFile(file, "utf8")).pipe(
    Effect.flatMap(decode),
    Effect.map((message) => (message._tag === "desired" ? message : nothing)),
    // No file is a new worker; one that does not fit its schema is from another version. The platform sends anew.
    Effect.catch(() => Effect.succeed(nothing)),
  )

/** What fetches a customer's source is kept nowhere; builds of before are not carried out anyway. */
const toKeep = (desired: Desired): Desired => ({
  ...desired,
  builds: desired.builds.map((build) => ({ ...build, access: null })),
})

/** It holds upload tokens: only this user may read it. */
const save = (file: string, desired: Desired) =>
  Effect.gen(function* () {
    const text = yield* encode(toKeep(desired))
    yield* Effect.tryPromise(async () => {
      await mkdir(join(file, ".."), { recursive: true })
      await writeFile(`${file}.new`, text, { mode: 0o600, flush: true })
      await rename(`${file}.new`, file)
    })
  }).pipe(
    Effect.catch((error) =>
      Effect.logWarning(`cannot keep the desired state on disk: ${error.cause ?? error}`),
    ),
  )
