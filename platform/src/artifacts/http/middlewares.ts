import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import type Koa from "koa"
import type { ArtifactConfig } from "../ArtifactConfig.ts"
import type { ArtifactStore } from "../ArtifactStore.ts"
import type { CacheCredential } from "../CacheCredential.ts"
import type { Compressions } from "../Compressions.ts"
import type { CommonPulls } from "../common/CommonPulls.ts"
import type { LayerFiles } from "../LayerFiles.ts"
import type { Layers } from "../Layers.ts"
import type { RegistryCredential } from "../RegistryCredential.ts"
import type { SigningKeys } from "../SigningKeys.ts"
import type { Traffic } from "../Traffic.ts"
import type { UploadAuthority } from "../UploadAuthority.ts"
import type { Upstreams } from "../upstream/Upstreams.ts"
import { cachePull } from "./cachePull.ts"
import { cachePush } from "./cachePush.ts"
import { registry } from "./registry.ts"

type Needed =
  | ArtifactConfig
  | ArtifactStore
  | CacheCredential
  | CommonPulls
  | Compressions
  | LayerFiles
  | Layers
  | RegistryCredential
  | SigningKeys
  | Traffic
  | UploadAuthority
  | Upstreams
  | SqlClient.SqlClient

const select = (ctx: Koa.Context): Effect.Effect<void, never, Needed> | null => {
  const push = /^\/cache\/push\/([A-Za-z0-9._-]{1,200})\/(.*)$/.exec(ctx.path)
  if (push) return cachePush(ctx, push[1]!, push[2]!)
  const pull = /^\/cache\/(.*)$/.exec(ctx.path)
  if (pull) return cachePull(ctx, pull[1]!)
  const image = /^\/v2(?:\/(.*))?$/.exec(ctx.path)
  return image ? registry(ctx, image[1] ?? "") : null
}

/**
 * Answers `/cache` (binary cache), `/cache/push/<token>` (uploads) and `/v2` (registry); everything else goes on.
 * Mount it before anything that reads request bodies.
 */
export const artifactMiddlewares: Effect.Effect<ReadonlyArray<Koa.Middleware>, never, Needed> = Effect.map(
  Effect.context<Needed>(),
  (context) => [
    async (ctx, next) => {
      const answer = select(ctx)
      if (answer === null) return next()
      await Effect.runPromiseWith(context)(answer)
    },
  ],
)
