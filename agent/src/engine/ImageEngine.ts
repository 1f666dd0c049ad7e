import Docker from "dockerode"
import { Context, Effect, Layer } from "effect"
import { AgentConfig } from "../config.ts"
import { call, EngineError } from "./call.ts"

export interface Login {
  readonly username: string
  readonly password: string
}

/** The images of this machine's Docker Engine. */
export class ImageEngine extends Context.Service<
  ImageEngine,
  {
    /** The digests of a repository's images that are here. */
    readonly digests: (repository: string) => Effect.Effect<ReadonlyArray<string>, EngineError>
    /** Interrupted it stops in the middle; of what has come nothing stays that no other image has. */
    readonly pull: (reference: string, login: Login) => Effect.Effect<void, EngineError>
    /** Layers that other images have stay. */
    readonly remove: (reference: string) => Effect.Effect<void, EngineError>
  }
>()("agent/engine/ImageEngine") {
  static readonly layer = Layer.effect(
    ImageEngine,
    Effect.map(AgentConfig, ({ dockerSocket }) => makeImageEngine(new Docker({ socketPath: dockerSocket }))),
  )
}

const failed = (operation: string) => (error: unknown) =>
  new EngineError({ operation, reason: (error as Error).message })

export const makeImageEngine = (docker: Docker): ImageEngine["Service"] => ({
  digests: (repository) =>
    Effect.map(
      call("list images", () => docker.listImages()),
      (images) =>
        images
          .flatMap(({ RepoDigests }) => RepoDigests ?? [])
          .flatMap((reference) =>
            reference.startsWith(`${repository}@`) ? [reference.slice(repository.length + 1)] : [],
          ),
    ),
  pull: (reference, { username, password }) =>
    Effect.scoped(
      Effect.gen(function* () {
        const authconfig = { username, password, serveraddress: reference.slice(0, reference.indexOf("/")) }
        const progress = yield* Effect.acquireRelease(
          Effect.tryPromise({
            try: () => docker.pull(reference, { authconfig }),
            catch: failed("pull image"),
          }),
          // The engine goes on only while somebody listens.
          (stream) => Effect.sync(() => (stream as unknown as { destroy: () => void }).destroy()),
        )
        yield* Effect.callback<void, EngineError>((resume) => {
          docker.modem.followProgress(progress, (error) =>
            resume(error ? Effect.fail(failed("pull image")(error)) : Effect.void),
          )
        })
      }),
    ),
  remove: (reference) => Effect.asVoid(call("remove image", () => docker.getImage(reference).remove(), 60)),
})
