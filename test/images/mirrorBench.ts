import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { BuildAssignment, SourceAccess } from "@skypanel/contract/BuildAssignment"
import type { LogLine } from "@skypanel/contract/Log"
import { Effect, Exit, Fiber, Scope, Stream } from "effect"
import { makeBuilds } from "../../agent/src/builder/Builds.ts"
import { newBuildId } from "../../agent/src/builder/testing/Workbench.ts"
import { BlobImages } from "../../platform/src/artifacts/BlobImages.ts"
import { type ArtifactServer, startArtifactServer } from "../../platform/test/artifactServer.ts"
import { organizationId } from "../../platform/test/publisher.ts"

const MiB = 1024 ** 2

/** A real builder, without packages to build with, beside the artifact store that it brings images to. */
export const openMirrorBench = async (databaseUrl: string) => {
  const server: ArtifactServer = await startArtifactServer(databaseUrl)
  const dataFolder = await mkdtemp(join(tmpdir(), "skypanel-mirror-"))
  const scope = Scope.makeUnsafe()
  const builds = await Effect.runPromise(
    Scope.provide(
      makeBuilds(
        {
          controlPlane: server.url,
          dataFolder,
          nixpkgs: "auto",
          npmRegistry: "http://127.0.0.1:1",
          crates: "http://127.0.0.1:9",
          wheels: "http://127.0.0.1:9",
          templates: dataFolder,
          embedded: dataFolder,
          goProxy: "http://127.0.0.1:1",
          baseImageMirror: null,
          allowPrivateGit: true,
          concurrency: 2,
          diskBytes: 4 * 1024 * MiB,
          diskFiles: 100_000,
        },
        Effect.succeed(null),
      ),
      scope,
    ),
  )
  const lines = new Map<string, Array<LogLine>>()
  const reading = Effect.runFork(
    Stream.runForEach(builds.logs, (batch) =>
      Effect.sync(() => void lines.set(batch.buildId, [...(lines.get(batch.buildId) ?? []), ...batch.lines])),
    ),
  )
  const build = async (
    reference: string,
    access: SourceAccess | null = null,
    more: Partial<BuildAssignment> & { readonly imageBytes?: number } = {},
  ) => {
    const { imageBytes = 64 * MiB, ...rest } = more
    const assignment: BuildAssignment = {
      id: newBuildId(),
      organizationId: "org_000000000000000000000000" as BuildAssignment["organizationId"],
      serviceName: "web",
      source: { _tag: "image", reference },
      access,
      uploadPath: `${new URL(server.pushUrl).pathname}?compression=zstd`,
      limits: {
        evaluationSeconds: 60,
        buildSeconds: 60,
        memoryBytes: 512 * MiB,
        logBytes: MiB,
        sourceBytes: MiB,
        imageBytes,
      },
      canceled: false,
      ...rest,
    }
    await Effect.runPromise(builds.reconcile([assignment]))
    for (;;) {
      const observed = (await Effect.runPromise(builds.observed)).find(({ id }) => id === assignment.id)
      const own = lines.get(assignment.id) ?? []
      if (
        (observed?.phase === "succeeded" || observed?.phase === "failed") &&
        (own.at(-1)?.seq ?? 0) === observed.logSeq
      )
        return { observed, log: own.map(({ text }) => text) }
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
  return {
    server,
    dataFolder,
    build,
    publish: (storePath: string, serviceId = "svc_mirror") =>
      server.runtime.runPromise(
        Effect.flatMap(BlobImages, (images) => images.publish({ organizationId, serviceId, storePath })),
      ),
    close: async () => {
      await Effect.runPromise(Scope.close(scope, Exit.void))
      await Effect.runPromise(Fiber.interrupt(reading))
      await server.close()
      await rm(dataFolder, { recursive: true, force: true })
    },
  }
}
export type MirrorBench = Awaited<ReturnType<typeof openMirrorBench>>
