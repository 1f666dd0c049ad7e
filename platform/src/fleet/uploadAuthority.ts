import type { Source } from "@skypanel/contract/Source"
import { Effect, Layer, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { UploadAuthority, UploadUnauthorized } from "../artifacts/UploadAuthority.ts"
import { PlatformConfig } from "../config.ts"
import { buildOfUploadToken } from "../domain/uploadToken.ts"
import { loadBuild } from "../store/Builds.ts"
import { findAskedCheck } from "../store/Checks.ts"

/** Who may upload: the worker that a build is assigned to, as long as the build runs. A check only reads. */
export const layerUploadAuthority = Layer.effect(
  UploadAuthority,
  Effect.gen(function* () {
    const { secret } = yield* PlatformConfig
    const sql = yield* SqlClient.SqlClient
    const refused = new UploadUnauthorized({ message: "the build that this token is for is over" })
    const running = (token: string) =>
      Effect.gen(function* () {
        const id = buildOfUploadToken(Redacted.value(secret), token)
        const build =
          id === null ? null : yield* Effect.provideService(loadBuild(id), SqlClient.SqlClient, sql)
        if (build === null || build.finished_at !== null || build.worker_id === null) return yield* refused
        return { ...build, worker_id: build.worker_id as string }
      })
    const checked = (token: string) =>
      Effect.gen(function* () {
        const id = buildOfUploadToken(Redacted.value(secret), token)
        return id === null ? null : yield* Effect.provideService(findAskedCheck(id), SqlClient.SqlClient, sql)
      })
    return UploadAuthority.of({
      authorize: (token) =>
        running(token).pipe(
          Effect.map((build) => ({
            workerId: build.worker_id,
            organizationId: build.organization_id,
            buildId: build.id,
          })),
        ),
      reader: (token) =>
        Effect.gen(function* () {
          const { organization_id } = (yield* checked(token)) ?? (yield* running(token))
          return { organizationId: organization_id }
        }),
      folderOf: (token) =>
        Effect.gen(function* () {
          const check = yield* checked(token)
          const build = check ?? (yield* running(token))
          const [row] =
            "source" in build
              ? [build]
              : yield* sql<{
                  source: Source
                }>`select source from deployment where id = ${build.deployment_id}`
          if (row?.source._tag !== "folder") return yield* refused
          return { organizationId: build.organization_id, digest: row.source.digest }
        }),
    })
  }),
)
