import { isDeepStrictEqual } from "node:util"
import type { DeploymentId, ReleaseId, ServiceId } from "@skypanel/contract/Id"
import type { ImageSettings } from "@skypanel/contract/image/ImageSettings"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { finishLive, loadDeployment } from "../store/Deployments.ts"
import { activePlacements } from "../store/Placements.ts"
import type { DeploymentRow, ReleaseRow, ServiceRow } from "../store/rows.ts"
import { tellBuiltAgain } from "./buildNews.ts"
import { healthyNow } from "./healthyNow.ts"
import { meaningsNow, nameOf, referencesOf } from "./meaningsNow.ts"

/** What a deployment would bring. */
export interface Brought {
  readonly image: { readonly digest: string; readonly bytes: number; readonly layers: number }
  readonly command: ReadonlyArray<string>
  readonly settings: ImageSettings | null
}

/** No instance of what serves was started with what its references do not stand for any more. */
const startedAsNow = (id: DeploymentId | null) =>
  Effect.gen(function* () {
    const found = id === null ? null : yield* loadDeployment(id)
    if (found === null) return true
    const references = referencesOf(found.service, found.deployment)
    if (references.length === 0) return true
    const { meansNow } = yield* meaningsNow(found.service, found.deployment)
    const now = Object.fromEntries(references.map((one) => [nameOf(one), meansNow(one)]))
    const instances = yield* activePlacements(found.deployment.id)
    return instances.every(({ meanings }) => isDeepStrictEqual(meanings, now))
  })

/**
 * The release that serves, if what runs is the same as `its` configuration says. Not where a new one would have another
 * source: it is what is built next. Which commit of it the files are of does not count. Nor where a reference in its
 * variables stands for something else by now.
 */
export const sameConfiguration = (service: ServiceId, its: "service" | "deployment", id: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const [release] = yield* sql<
      ReleaseRow & Pick<ServiceRow, "live_deployment_id">
    >`select r.*, s.live_deployment_id from service s join release r on r.id = s.current_release_id
        join ${sql(its)} its on its.id = ${id}
        where s.id = ${service} and r.source - 'revision' = its.source - 'revision'
          and (r.environment, r.secrets, r.resources, r.replicas)
            = (its.environment, its.secrets, its.resources, its.replicas)
          and r.port is not distinct from its.port
          and r.health_path is not distinct from its.health_path and r.volume is not distinct from its.volume`
    return release !== undefined && (yield* startedAsNow(release.live_deployment_id)) ? release : null
  })

/** The current release, if it is the one that all instances of what is live run, and has not turned bad. */
const serves = (service: ServiceRow) =>
  Effect.gen(function* () {
    if (service.wish !== "running" || service.live_deployment_id === null) return false
    const sql = yield* SqlClient.SqlClient
    const live = yield* sql`select id from deployment where id = ${service.live_deployment_id}
      and status = 'live' and returned_reason is null and release_id = ${service.current_release_id}`
    return live.length > 0 && (yield* healthyNow(service.live_deployment_id))
  })

const isWanted = (deployment: DeploymentRow, current: ReleaseId) =>
  deployment.finished_at === null &&
  deployment.cancel_reason === null &&
  (deployment.release_id === null || deployment.release_id === current)

const isSame = (release: ReleaseRow, { image, command, settings }: Brought) =>
  release.image_digest === image.digest &&
  isDeepStrictEqual(release.command, command) &&
  isDeepStrictEqual(release.image_settings, settings)

const endedUnchanged = ({ receipt }: DeploymentRow): boolean => receipt?.unchanged === true

/**
 * Ends a deployment live with the release that serves already, where it would bring nothing else: then nothing is rolled
 * out. Under the service's lock, so that whatever is ordered meanwhile comes before or after. True also when that was
 * done before. `brought`: null where it deploys the current release itself.
 */
export const settleUnchanged = (id: DeploymentId, brought: Brought | null) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    return yield* sql.withTransaction(
      Effect.gen(function* () {
        yield* sql`select id from service where id = (select service_id from deployment where id = ${id}) for update`
        const found = yield* loadDeployment(id)
        if (found === null) return false
        const { deployment, service } = found
        if (endedUnchanged(deployment)) return true
        const release = yield* sameConfiguration(service.id, "deployment", id)
        if (release === null || !isWanted(deployment, release.id) || !(yield* serves(service))) return false
        if (brought !== null && !isSame(release, brought)) return false
        yield* finishLive(id, {
          seconds: (Date.now() - deployment.created_at.getTime()) / 1000,
          imageBytes: brought?.image.bytes ?? 0,
          layers: brought?.image.layers ?? 0,
          newBytes: 0,
          newLayers: 0,
          unchanged: true,
        })
        // After its steps: whoever enters a step locks those first.
        yield* sql`update deployment set release_id = ${release.id} where id = ${id}`
        if (brought !== null) yield* tellBuiltAgain(id)
        return true
      }),
    )
  })
