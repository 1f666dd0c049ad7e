import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { Effect, Exit, Scope } from "effect"
import { ensureDatabase, startPostgres } from "../dev/postgres.ts"
import { Images } from "../platform/src/artifacts/Images.ts"
import type { PublishedImage } from "../platform/src/artifacts/publishedImage.ts"
import { type ArtifactServer, startArtifactServer } from "../platform/test/artifactServer.ts"
import { makeNixStore } from "../platform/test/nixStore.ts"
import { credentialOf, organizationId, repository } from "../platform/test/publisher.ts"

const checkout = dirname(import.meta.dirname)
const service = "svc_bench"
/** The image's repository, which is also the user that it is pulled by. */
export const name = repository(service)

/** Programs and many small files, as an application's closure has them: Node.js, npm packages. */
const folders = {
  "nodejs-24": join(checkout, "node_modules", "node", "bin"),
  "effect-4": join(checkout, "node_modules", "effect"),
  "playwright-core-1": join(checkout, "node_modules", "playwright-core"),
  "vite-8": join(checkout, "node_modules", "vite"),
}

const publishImage = async (server: ArtifactServer): Promise<PublishedImage> => {
  const nix = makeNixStore()
  try {
    const paths: Array<string> = []
    for (const [title, folder] of Object.entries(folders)) paths.push(await nix.addFolder(title, folder))
    const top = await nix.write("application", "starts ", paths)
    await nix.copyTo(`${server.pushUrl}?compression=zstd`, top)
    const command = [`${paths[0]}/node`, top]
    const publication = { organizationId, serviceId: service, storePath: top, command }
    return await server.runtime.runPromise(Effect.flatMap(Images, (images) => images.publish(publication)))
  } finally {
    nix.remove()
  }
}

export interface Published {
  readonly server: ArtifactServer
  readonly image: PublishedImage
  readonly password: string
  /** Is removed at the end. */
  readonly folder: string
}

/** An artifact store of its own, with an image in it. */
export const withPublishedImage = async <A>(use: (published: Published) => Promise<A>): Promise<A> => {
  const folder = mkdtempSync(join(tmpdir(), "skypanel-bench-registry-"))
  const scope = Effect.runSync(Scope.make())
  try {
    const database = await Effect.runPromise(
      startPostgres({ directory: join(folder, "postgres"), durable: false }).pipe(
        Effect.tap((postgres) => ensureDatabase(postgres, "bench")),
        Scope.provide(scope),
        Effect.provide(NodeServices.layer),
      ),
    )
    const server = await startArtifactServer(database.urlOf("bench"))
    try {
      const image = await publishImage(server)
      const { password } = await credentialOf(server, name)
      return await use({ server, image, password, folder })
    } finally {
      await server.close()
    }
  } finally {
    await Effect.runPromise(Scope.close(scope, Exit.void))
    rmSync(folder, { recursive: true, force: true })
  }
}
