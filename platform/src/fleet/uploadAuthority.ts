import { Effect, Layer, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { UploadAuthority, UploadUnauthorized } from "../artifacts/UploadAuthority.ts"
import { PlatformConfig } from "../config.ts"
import { buildOfUploadToken } from "../domain/uploadToken.ts"
import { loadBuild } from "../store/Builds.ts"

/** Who may upload: the worker that a build is assigned to, as long as the build runs. */
export const layerUploadAuthority = Layer.effect(
  UploadAuthority,
  Effect.gen(function* () {
    const { secret } = yield* PlatformConfig
    const sql = yield* SqlClient.SqlClient
    const refused = new UploadUnauthorized({ message: "the build that this token is for is over" })
    return UploadAuthority.of({
      authorize: (token) =>
        Effect.gen(function* () {
          const id = buildOfUploadToken(Redacted.value(secret), token)
          const build =
            id === null ? null : yield* Effect.provideService(loadBuild(id), SqlClient.SqlClient, sql)
          if (build === null || build.finished_at !== null || build.worker_id === null) return yield* refused
          return { workerId: build.worker_id as string }
        }).pipe(Effect.catchTag("SqlError", () => Effect.fail(refused))),
    })
  }),
)
