import {
  type ArtifactPolicy,
  type ArtifactProgress,
  defaultArtifactPolicy,
  noProgress,
} from "@skypanel/contract/Artifacts"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { collect } from "../src/artifacts/collection/collect.ts"
import { CollectionFailpoint, type CollectionInstant } from "../src/artifacts/collection/failpoint.ts"
import { newId } from "../src/domain/id.ts"
import { type ArtifactServer, otherUploadingBuild, uploadingBuild, uploadToken } from "./artifactServer.ts"
import { organizationId } from "./publisher.ts"

/** One statement, its parameters as text or JSON. */
export const query = <A extends object = object>(
  server: ArtifactServer,
  text: string,
  parameters: ReadonlyArray<unknown> = [],
) =>
  server.runtime.runPromise(
    Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe<A>(text, parameters as Array<never>)),
  )

/** Everything in the store becomes older by so many hours; or all but the images. */
export const age = async (server: ArtifactServer, hours: number, what: "all" | "but images" = "all") => {
  const by = `interval '${hours} hours'`
  await query(server, `update nar set wanted_at = wanted_at - ${by}, uploaded_at = uploaded_at - ${by}`)
  await query(
    server,
    `update store_path set wanted_at = wanted_at - ${by}, registered_at = registered_at - ${by}, collected_at = collected_at - ${by}`,
  )
  await query(server, `update layer set wanted_at = wanted_at - ${by}`)
  if (what === "all")
    await query(server, `update image set wanted_at = wanted_at - ${by}, collected_at = collected_at - ${by}`)
}

/** The instant at which the collection is cut off, as a kill would. */
export const cutOffAt = (instant: CollectionInstant) => (at: CollectionInstant) =>
  at === instant ? Effect.die(new Error(`cut off at ${instant}`)) : Effect.void

export const collectNow = (
  server: ArtifactServer,
  policy: Partial<ArtifactPolicy> = {},
  failpoint: (instant: CollectionInstant) => Effect.Effect<void> = () => Effect.void,
): Promise<ArtifactProgress> => {
  const total: { -readonly [key in keyof ArtifactProgress]: number } = { ...noProgress }
  const report = (done: Partial<ArtifactProgress>) =>
    Effect.sync(() => {
      for (const [key, value] of Object.entries(done)) total[key as keyof ArtifactProgress] += value
    })
  return server.runtime.runPromise(
    collect({ ...defaultArtifactPolicy, ...policy }, report).pipe(
      Effect.as(total),
      Effect.provideService(CollectionFailpoint, failpoint),
    ),
  )
}

const configuration = "source, environment, resources, port"
const values = `'{"kind":"template","template":"x","values":{}}', '{}', '{}', 8080`

export const addService = async (server: ArtifactServer, id: string, organization = organizationId) => {
  await query(
    server,
    `insert into service (id, organization_id, organization_slug, name, host, ${configuration})
     values ($1, $2, $2, $1, $1, ${values})`,
    [id, organization],
  )
}

/** A release of an image, made by a deployment that ended so, or goes on (null). Returns the release's id. */
export const addRelease = async (
  server: ArtifactServer,
  serviceId: string,
  number: number,
  digest: string,
  status: "live" | "failed" | null = "live",
  organization = organizationId,
) => {
  const id = newId("rel")
  await query(
    server,
    `insert into release (id, organization_id, service_id, number, image_digest, image_bytes, store_path, command,
       ${configuration}, created_at) values ($1, $2, $3, $4, $5, 0, '', '[]', ${values}, now() + $4 * interval '1 second')`,
    [id, organization, serviceId, number, digest],
  )
  await query(
    server,
    `insert into deployment (id, organization_id, service_id, number, trigger, status, release_id, finished_at, ${configuration})
     values ($1, $2, $3, $4, 'deploy', $5, $6, $7, ${values})`,
    [
      newId("dep"),
      organization,
      serviceId,
      number,
      status ?? "verifying",
      id,
      status === null ? null : new Date(),
    ],
  )
  if (status === "live")
    await query(server, "update service set current_release_id = $1 where id = $2", [id, serviceId])
  return id
}

/** The build that a token of `artifactServer` is for, of a service's deployment that has ended. */
export const addBuildOf = async (server: ArtifactServer, serviceId: string, token: string) => {
  const [organization, build] =
    token === uploadToken ? ["org_1", uploadingBuild] : (["org_2", otherUploadingBuild] as const)
  await addService(server, serviceId, organization)
  const deployment = newId("dep")
  await query(
    server,
    `insert into deployment (id, organization_id, service_id, number, trigger, status, finished_at, ${configuration})
     values ($1, $2, $3, 1, 'deploy', 'live', now(), ${values})`,
    [deployment, organization, serviceId],
  )
  await query(
    server,
    `insert into build (id, organization_id, deployment_id, finished_at) values ($1, $2, $3, now())`,
    [build, organization, deployment],
  )
}
