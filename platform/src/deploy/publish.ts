import { PgClient } from "@effect/sql-pg"
import type { BuildResult } from "@skypanel/contract/BuildAssignment"
import type { DeploymentId } from "@skypanel/contract/Id"
import type { ImageSettings } from "@skypanel/contract/image/ImageSettings"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { BlobImages } from "../artifacts/BlobImages.ts"
import { Images } from "../artifacts/Images.ts"
import type { PublishedImage } from "../artifacts/publishedImage.ts"
import { internal, publishFailed } from "../domain/failures.ts"
import { newReleaseId } from "../domain/id.ts"
import { defaultPort } from "../domain/port.ts"
import { enterStep } from "../store/Deployments.ts"
import type { BuildRow, DeploymentRow } from "../store/rows.ts"
import { tellBuiltAgain } from "./buildNews.ts"
import { DeploymentFailed, loadWanted } from "./DeploymentFailed.ts"
import { hit } from "./failpoint.ts"
import { settleUnchanged } from "./unchanged.ts"

interface Published extends PublishedImage {
  /** Of an image of blobs. */
  readonly settings: ImageSettings | null
}

const makeImage = (deployment: DeploymentRow, result: BuildResult) =>
  Effect.gen(function* () {
    const publication = {
      organizationId: deployment.organization_id,
      serviceId: deployment.service_id,
      storePath: result.storePath,
      createdFor: deployment.id,
    }
    if (result.image !== undefined) return yield* (yield* BlobImages).publish(publication)
    const image = yield* (yield* Images).publish({ ...publication, command: result.command })
    return { ...image, settings: null }
  }).pipe(
    Effect.catchTag("ImageError", (error) =>
      Effect.fail(new DeploymentFailed({ failure: publishFailed(error.message) })),
    ),
  )

const portSaidBy = ({ image, portless }: BuildResult, { port, health_path }: DeploymentRow) =>
  portless === true && health_path === null ? null : (image?.port ?? port ?? defaultPort)

/**
 * Where nobody has chosen a port, it is the one that the image says it listens on, and none where the builder says so. What
 * has served at a port keeps it: no push takes an endpoint away.
 */
const portOf = (deployment: DeploymentRow, result: BuildResult) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const said = portSaidBy(result, deployment)
    if (said === deployment.port) return said
    const rows = yield* sql`update service set port = ${said}
      where id = ${deployment.service_id} and not port_chosen
        and (${said !== null} or (current_release_id is null and health_path is null)) returning id`
    if (rows.length === 0) return deployment.port
    yield* sql`update deployment set port = ${said} where id = ${deployment.id}`
    return said
  })

const insertRelease = (deployment: DeploymentRow, result: BuildResult, image: Published) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    yield* sql.withTransaction(
      Effect.gen(function* () {
        const id = newReleaseId()
        // The number is taken only if the deployment has no release yet: a step that runs twice makes one.
        const taken = yield* sql<{ number: number }>`
          update service s set release_count = release_count + 1 from deployment d
          where d.id = ${deployment.id} and d.release_id is null and s.id = d.service_id
          returning s.release_count as number`
        if (taken[0] === undefined) return
        yield* sql`insert into release ${sql.insert({
          id,
          organization_id: deployment.organization_id,
          service_id: deployment.service_id,
          number: taken[0].number,
          image_digest: image.digest,
          image_bytes: image.totalBytes,
          image_settings: image.settings === null ? null : pg.json(image.settings),
          store_path: result.storePath,
          command: pg.json(result.command),
          source: pg.json(deployment.source),
          revision: result.revision,
          recognised_as: result.recognisedAs,
          environment: pg.json(deployment.environment),
          secrets: pg.json(deployment.secrets),
          resources: pg.json(deployment.resources),
          port: yield* portOf(deployment, result),
          health_path: deployment.health_path,
          replicas: deployment.replicas,
          volume: deployment.volume === null ? null : pg.json(deployment.volume),
        } as never)}`
        yield* sql`update deployment set release_id = ${id} where id = ${deployment.id}`
        yield* tellBuiltAgain(deployment.id)
      }),
    )
  })

/** What the release adds to the service's images, for the receipt. */
export interface Receipt {
  readonly imageBytes: number
  readonly layers: number
  readonly newBytes: number
  readonly newLayers: number
}

/** Nothing was built. A configuration that is as it was needs nothing else either. */
const publishNothing = ({ id, trigger }: DeploymentRow) =>
  trigger !== "configuration"
    ? Effect.succeed(null)
    : Effect.map(settleUnchanged(id, null), (settled) => (settled ? ("unchanged" as const) : null))

/**
 * Makes the image of what was built, and the release; both are the same when it runs twice. `unchanged`: the deployment
 * has ended, since the release that serves already is the same.
 */
export const publish = (id: DeploymentId) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const { deployment } = yield* loadWanted(id, "publishing")
    const [build] = yield* sql<BuildRow>`select * from build where deployment_id = ${id}`
    if (build === undefined) return yield* publishNothing(deployment)
    if (build.result === null)
      return yield* new DeploymentFailed({ failure: internal("publishing", "the build has no result") })
    yield* enterStep(id, "publishing")
    const image = yield* makeImage(deployment, build.result)
    yield* hit("image-made")
    const { digest, totalBytes: bytes, settings } = image
    const { command } = build.result
    const brought = { image: { digest, bytes, layers: image.layers.length }, command, settings }
    if (yield* settleUnchanged(id, brought)) {
      yield* hit("unchanged")
      return "unchanged" as const
    }
    const fresh = image.layers.filter((layer) => layer.new)
    yield* insertRelease(deployment, build.result, image)
    yield* hit("release-made")
    return {
      imageBytes: bytes,
      layers: image.layers.length,
      newBytes: image.newBytes,
      newLayers: fresh.length,
    } satisfies Receipt
  })
