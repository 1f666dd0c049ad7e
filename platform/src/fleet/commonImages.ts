import type { CommonImage } from "@skypanel/contract/Fleet"
import type { CommonImages } from "@skypanel/contract/WorkerImages"
import { Duration, Effect } from "effect"
import { SqlClient } from "effect/sql"
import { commonRepository, listCommonImages, refreshCommonImages } from "../artifacts/common/commonImages.ts"
import { RegistryCredential } from "../artifacts/RegistryCredential.ts"
import { PlatformConfig } from "../config.ts"
import { FleetPolicies } from "./FleetPolicies.ts"

/** It reads the images of all services: it rests twenty times as long as that takes, and this long at least. */
const restMs = 15_000
const restShare = 20

export type CommonNeeds = RegistryCredential | PlatformConfig | SqlClient.SqlClient

/** What workers are to pull ahead. */
export const commonImages = Effect.gen(function* () {
  const { registryAddress } = yield* PlatformConfig
  const credential = (yield* RegistryCredential).forRepository(commonRepository)
  const images = yield* listCommonImages
  return {
    repository: `${registryAddress}/${commonRepository}`,
    ...credential,
    images: images.map(({ digest, bytes }) => ({ digest, bytes })),
  } satisfies CommonImages
})

/** The same for people, with how many workers have each; and how many are to have them. */
export const viewCommonImages = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const common = yield* sql<CommonImage>`
    select i.digest, i.bytes::float8, i.layers, i.services, (
      select count(*)::int from worker w join worker_report r on r.worker_id = w.id
      where w.removed_at is null and r.common_images ? i.digest) as workers
    from common_image i order by i.services desc, i.digest`
  const [row] = yield* sql<{ workers: number }>`select count(*)::int as workers from worker
    where removed_at is null and 'services' = any (roles)`
  return { common, warmWorkers: row?.workers ?? 0 }
})

/** Keeps what is common as it is by now. */
export const runCommonImages = Effect.gen(function* () {
  const policies = yield* FleetPolicies
  const look = Effect.suspend(() => refreshCommonImages(policies.current().warmMiB * 1024 ** 2)).pipe(
    Effect.catchCause((cause) => Effect.logWarning("cannot look what layers services have in common", cause)),
    Effect.timed,
  )
  return yield* look.pipe(
    Effect.flatMap(([took]) => Effect.sleep(Math.max(restMs, restShare * Duration.toMillis(took)))),
    Effect.forever,
  )
})
