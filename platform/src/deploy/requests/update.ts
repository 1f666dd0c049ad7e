import { PgClient } from "@effect/sql-pg"
import { triggerOf } from "@skypanel/contract/Deployment"
import { InvalidInput } from "@skypanel/contract/Errors"
import type { ReleaseId } from "@skypanel/contract/Id"
import type { UpdateService } from "@skypanel/contract/Service"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { Member } from "../../auth/Auth.ts"
import { giveCredential } from "../../connections/firstCredential.ts"
import { newReleaseId } from "../../domain/id.ts"
import { withOverrides } from "../../domain/overrides.ts"
import { reachedBy } from "../../domain/port.ts"
import { insertDeployment } from "../../store/Deployments.ts"
import { reconsiderSource } from "../../store/Repositories.ts"
import type { ServiceRow } from "../../store/rows.ts"
import { asTenant } from "../../store/Tenant.ts"
import { admitReached, admitResources, admitSource, admitVariables, admitVolume } from "../admission.ts"
import { presentIn, setSecrets, withoutSecrets } from "../secretVariables.ts"
import { holdTemplate } from "../templates/admit.ts"
import { sameConfiguration } from "../unchanged.ts"
import { lockUsable, readService } from "./lockedService.ts"
import { startDeployment } from "./startDeployment.ts"

const isEmpty = (request: UpdateService) => Object.keys(request).length === 0

/** What the service is, as far as a source's admission asks. */
const standing = (organization: Member, name: string, request: UpdateService) =>
  asTenant(
    organization.id,
    Effect.map(readService(organization, name), ({ environment, secrets, source }) => ({
      environment: presentIn(request.environment ?? environment, { ...secrets, ...request.secrets }),
      source,
    })),
  )

export const updateService = (organization: Member, user: string, name: string, request: UpdateService) =>
  Effect.gen(function* () {
    if (isEmpty(request))
      return yield* new InvalidInput({
        message: "Nothing to change was given.",
        next: "Give what shall change, or redeploy.",
        issues: [],
      })
    if (request.credential !== undefined && request.source === undefined)
      return yield* new InvalidInput({
        message: "A credential is given together with the source that it is for.",
        next: "Give the source too, or the credential alone in the service's repository settings.",
        issues: [{ path: "credential", message: "give the source too" }],
      })
    const admitted =
      request.source === undefined
        ? null
        : yield* admitSource(organization.id, request.source, yield* standing(organization, name, request))
    const source = admitted?.source ?? null
    if (request.resources !== undefined) yield* admitResources(request.resources)
    const change = Effect.gen(function* () {
      const row = yield* lockUsable(organization, name)
      const { environment, secrets } = yield* admitVariables(row, request, admitted?.template ?? null)
      yield* admitReached(reachedOf(row, request))
      yield* admitVolume(
        request.volume === undefined ? row.volume : request.volume,
        request.replicas ?? row.replicas,
      )
      // With the source that it is for: a new one takes the credential before away.
      return yield* Effect.tap(
        changeService(row, { ...request, environment, secrets, ...(source !== null && { source }) }, user),
        () => giveCredential({ ...row, source: source ?? row.source }, request.credential, user),
      )
    })
    return yield* asTenant(organization.id, change).pipe(Effect.flatMap(startDeployment))
  })

const reachedOf = ({ port, health_path: healthPath }: ServiceRow, request: UpdateService) =>
  reachedBy(request, { port, healthPath })

/** Changes what is given and deploys it, in the caller's transaction, which holds the service's row lock. */
export const changeService = (row: ServiceRow, request: UpdateService, user: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    if (request.source !== undefined) yield* holdTemplate(row.organization_id, request.source)
    const volume = request.volume === undefined ? row.volume : request.volume
    const { port, healthPath } = reachedOf(row, request)
    const secrets = yield* setSecrets(row, request.secrets ?? {}, user)
    const source = request.source === undefined ? row.source : withOverrides(request.source, row.source)
    // A stack that sets a variable does not take a secret's place.
    const environment = withoutSecrets(request.environment ?? row.environment, secrets)
    const rows = yield* sql<ServiceRow>`update service set wish = 'running',
        source = ${pg.json(source)},
        environment = ${pg.json(environment)},
        resources = ${pg.json(request.resources ?? row.resources)},
        port = ${port}, port_chosen = port_chosen or ${port !== row.port}, health_path = ${healthPath},
        replicas = ${request.replicas ?? row.replicas}, volume = ${volume === null ? null : pg.json(volume)},
        volume_worker_id = ${volume === null ? null : row.volume_worker_id}
      where id = ${row.id} returning *`
    const changed = rows[0]!
    yield* reconsiderSource(changed)
    if (request.source !== undefined || changed.current_release_id === null)
      return yield* insertDeployment(changed, triggerOf(changed.source), null, user)
    const same = yield* sameConfiguration(changed.id, "service", changed.id)
    const release = same?.id ?? (yield* configurationRelease(changed, changed.current_release_id))
    return yield* insertDeployment(changed, "configuration", release, user)
  })

/** A release with the image of another and the service's configuration of now: nothing is built. */
const configurationRelease = (service: ServiceRow, base: ReleaseId) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    const id = newReleaseId()
    const number = service.release_count + 1
    yield* sql`update service set release_count = ${number} where id = ${service.id}`
    yield* sql`insert into release (id, organization_id, service_id, number, image_digest, image_bytes, store_path,
        command, image_settings, source, revision, recognised_as, environment, secrets, resources, port, health_path, replicas, volume)
      select ${id}, organization_id, service_id, ${number}, image_digest, image_bytes, store_path, command,
        image_settings, source, revision, recognised_as, ${pg.json(service.environment)}, ${pg.json(service.secrets)}::jsonb, ${pg.json(service.resources)}, ${service.port}::integer,
        ${service.health_path}, ${service.replicas}, ${service.volume === null ? null : pg.json(service.volume)}::jsonb
      from release where id = ${base}`
    return id
  })

export const redeployService = (organization: Member, user: string, name: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const change = Effect.gen(function* () {
      const row = yield* lockUsable(organization, name)
      yield* sql`update service set wish = 'running' where id = ${row.id}`
      return yield* insertDeployment(row, "redeploy", null, user)
    })
    return yield* asTenant(organization.id, change).pipe(Effect.flatMap(startDeployment))
  })
