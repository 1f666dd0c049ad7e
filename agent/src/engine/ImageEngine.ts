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

const failed = (error: unknown) =>
  new EngineError({ operation: "pull image", reason: (error as Error).message })

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
  // The engine goes on only while somebody listens.
  pull: (reference, { username, password }) =>
    Effect.tryPromise({
      try: async (abortSignal) => {
        const authconfig = { username, password, serveraddress: reference.slice(0, reference.indexOf("/")) }
        const progress = await docker.pull(reference, { authconfig, abortSignal })
        await new Promise<void>((resolve, reject) =>
          docker.modem.followProgress(progress, (error) => (error ? reject(error) : resolve())),
        )
      },
      catch: failed,
    }),
  remove: (reference) => Effect.asVoid(call("remove image", () => docker.getImage(reference).remove(), 60)),
})
