import Docker from "dockerode"
import { Context, Effect, Layer } from "effect"
import { AgentConfig } from "../config.ts"
import { type Disk, diskOf } from "../Disk.ts"
import { call, EngineError } from "./call.ts"

export interface Login {
  readonly username: string
  readonly password: string
}

/** An image as the engine has it. */
export interface StoredImage {
  readonly id: string
  /** All that it is called here: `repository@digest`, `repository:tag`. */
  readonly references: ReadonlyArray<string>
  /** With what it shares with others. */
  readonly bytes: number
  /** A container is made of it, whether it runs or not. */
  readonly inUse: boolean
}

/** The images of this machine's Docker Engine. */
export class ImageEngine extends Context.Service<
  ImageEngine,
  {
    /** Every one, whoever's it is. */
    readonly all: Effect.Effect<ReadonlyArray<StoredImage>, EngineError>
    /** What the layers of all of them take. The engine may have to count for a while. */
    readonly layersBytes: Effect.Effect<number, EngineError>
    /** That they are on, or else the one that our own data is on. */
    readonly disk: Effect.Effect<Disk>
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
    Effect.map(AgentConfig, ({ dockerSocket, dataFolder }) =>
      makeImageEngine(new Docker({ socketPath: dockerSocket }), dataFolder),
    ),
  )
}

const failed = (error: unknown) =>
  new EngineError({ operation: "pull image", reason: (error as Error).message })

/** What we read of `GET /system/df`; engines from 29 on have the second. */
interface Usage {
  readonly LayersSize?: number
  readonly ImageUsage?: { readonly TotalSize?: number }
}

const none = /^<none>[:@]<none>$/

const all = (docker: Docker) =>
  Effect.gen(function* () {
    const images = yield* call("list images", () => docker.listImages())
    // Afterwards: an image that a container was just made of is in use.
    const containers = yield* call("list containers", () => docker.listContainers({ all: true }))
    const used = new Set(containers.flatMap(({ Image, ImageID }) => [Image, ImageID]))
    return images.map(({ Id, RepoDigests, RepoTags, Size }): StoredImage => {
      const references = [...(RepoDigests ?? []), ...(RepoTags ?? [])].filter((each) => !none.test(each))
      return {
        id: Id,
        references,
        bytes: Size,
        inUse: used.has(Id) || references.some((each) => used.has(each)),
      }
    })
  })

/** Only images, where the engine can be asked so: it would look through everybody's volumes. */
const usage = (docker: Docker) =>
  new Promise<Usage>((resolve, reject) =>
    docker.modem.dial(
      { path: "/system/df?type=image", method: "GET", statusCodes: { 200: true, 500: "server error" } },
      (error, answer) => (error ? reject(error) : resolve(answer as Usage)),
    ),
  )

export const makeImageEngine = (docker: Docker, dataFolder: string): ImageEngine["Service"] => ({
  all: all(docker),
  layersBytes: Effect.map(
    call("count images", () => usage(docker), 120),
    ({ LayersSize, ImageUsage }) => LayersSize ?? ImageUsage?.TotalSize ?? Number.MAX_SAFE_INTEGER,
  ),
  disk: call("info", () => docker.info() as Promise<{ readonly DockerRootDir?: string }>).pipe(
    Effect.flatMap(({ DockerRootDir }) => diskOf(DockerRootDir ?? dataFolder)),
    Effect.catch(() => diskOf(dataFolder)),
    Effect.flatMap((disk) => (disk.total > 0 ? Effect.succeed(disk) : diskOf(dataFolder))),
  ),
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
