import { PgClient } from "@effect/sql-pg"
import type { DeploymentTrigger } from "@skypanel/contract/Deployment"
import { InvalidInput, NameTaken, NotFound, NotPossibleNow } from "@skypanel/contract/Errors"
import type { DeploymentId, ReleaseId } from "@skypanel/contract/Id"
import { endpointLabel } from "@skypanel/contract/Name"
import { defaultResources } from "@skypanel/contract/Resources"
import type { CreateService, UpdateService } from "@skypanel/contract/Service"
import type { Source } from "@skypanel/contract/Source"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { Member } from "../auth/Auth.ts"
import { PlatformConfig } from "../config.ts"
import { newReleaseId, newServiceId } from "../domain/id.ts"
import { cancelUnfinished, insertDeployment } from "../store/Deployments.ts"
import type { ReleaseRow, ServiceRow } from "../store/rows.ts"
import { asTenant } from "../store/Tenant.ts"
import { Templates } from "../templates/Templates.ts"
import { admitResources, admitSource } from "./admission.ts"
import { Deploy } from "./Deploy.ts"

const servicesPerOrganization = 200

const notFound = (name: string) =>
  new NotFound({
    message: `There is no service "${name}".`,
    next: "The list of services shows which there are.",
  })

/** The service's row, locked until the transaction ends, so that requests for one service go one by one. */
const lockService = (organization: Member, name: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const [row] = yield* sql<ServiceRow>`select * from service
      where organization_id = ${organization.id} and name = ${name} for update`
    if (row === undefined) return yield* notFound(name)
    return row
  })

/** As `lockService`, but a service that goes away takes no more orders. */
const lockUsable = (organization: Member, name: string) =>
  Effect.flatMap(lockService(organization, name), (row) =>
    row.wish === "deleted"
      ? Effect.fail(
          new NotPossibleNow({
            message: `"${name}" is being deleted.`,
            next: "Create it again when it is gone.",
          }),
        )
      : Effect.succeed(row),
  )

/** Starts the workflow once the rows are committed; if that is cut off, the reconciler does it. */
const start = <A extends { readonly id: DeploymentId; readonly number: number }>(deployment: A) =>
  Effect.as(Deploy.execute({ deploymentId: deployment.id }, { discard: true }), deployment)

/** What a new service gets where its creator says nothing: the template's values, else the defaults. */
const defaultsOf = (source: Source) =>
  Effect.gen(function* () {
    const templates = yield* Templates
    const template = source._tag === "template" ? yield* templates.find(source.template) : null
    return {
      environment: Object.fromEntries(
        template?.environment.map((variable) => [variable.name, variable.value]) ?? [],
      ),
      resources: template?.resources ?? defaultResources,
      port: template?.port ?? 8080,
      healthPath: template?.healthPath ?? null,
    }
  })

export const createService = (organization: Member, user: string, request: CreateService) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    const config = yield* PlatformConfig
    yield* admitSource(request.source)
    const defaults = yield* defaultsOf(request.source)
    const resources = request.resources ?? defaults.resources
    yield* admitResources(resources)
    const insert = Effect.gen(function* () {
      const [count] = yield* sql<{
        count: bigint
      }>`select count(*) as count from service where organization_id = ${organization.id}`
      if (Number(count?.count ?? 0) >= servicesPerOrganization)
        return yield* new NotPossibleNow({
          message: `An organization has at most ${servicesPerOrganization} services.`,
          next: "Delete one that is not needed.",
        })
      const rows = yield* sql<ServiceRow>`insert into service ${sql.insert({
        id: newServiceId(),
        organization_id: organization.id,
        organization_slug: organization.slug,
        name: request.name,
        source: pg.json(request.source),
        environment: pg.json(request.environment ?? defaults.environment),
        resources: pg.json(resources),
        port: request.port ?? defaults.port,
        health_path: request.healthPath === undefined ? defaults.healthPath : request.healthPath,
        host: `${endpointLabel(request.name, organization.slug)}.${config.endpointDomain}`,
      } as never)} returning *`
      return yield* insertDeployment(rows[0]!, "deploy", null, user)
    })
    return yield* asTenant(organization.id, insert).pipe(
      Effect.catchReason("SqlError", "UniqueViolation", () =>
        Effect.fail(
          new NameTaken({
            message: `The name "${request.name}" is taken.`,
            next: "Choose another name, or deploy the service that has it.",
          }),
        ),
      ),
      Effect.flatMap(start),
    )
  })

const isEmpty = (request: UpdateService) => Object.keys(request).length === 0

export const updateService = (organization: Member, user: string, name: string, request: UpdateService) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    if (isEmpty(request))
      return yield* new InvalidInput({
        message: "Nothing to change was given.",
        next: "Give what shall change, or redeploy.",
        issues: [],
      })
    if (request.source !== undefined) yield* admitSource(request.source)
    if (request.resources !== undefined) yield* admitResources(request.resources)
    const change = Effect.gen(function* () {
      const row = yield* lockUsable(organization, name)
      const rows = yield* sql<ServiceRow>`update service set wish = 'running',
          source = ${pg.json(request.source ?? row.source)},
          environment = ${pg.json(request.environment ?? row.environment)},
          resources = ${pg.json(request.resources ?? row.resources)},
          port = ${request.port ?? row.port},
          health_path = ${request.healthPath === undefined ? row.health_path : request.healthPath}
        where id = ${row.id} returning *`
      const changed = rows[0]!
      if (request.source !== undefined || changed.current_release_id === null)
        return yield* insertDeployment(changed, "deploy", null, user)
      const release = yield* configurationRelease(changed, changed.current_release_id)
      return yield* insertDeployment(changed, "configuration", release, user)
    })
    return yield* asTenant(organization.id, change).pipe(Effect.flatMap(start))
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
        command, source, revision, recognised_as, environment, resources, port, health_path)
      select ${id}, organization_id, service_id, ${number}, image_digest, image_bytes, store_path, command, source,
        revision, recognised_as, ${pg.json(service.environment)}, ${pg.json(service.resources)}, ${service.port},
        ${service.health_path}
      from release where id = ${base}`
    return id
  })

/** Starts a deployment of an existing release: the configuration is the release's. */
const deployRelease = (
  organization: Member,
  user: string,
  name: string,
  trigger: DeploymentTrigger,
  choose: (service: ServiceRow) => Effect.Effect<ReleaseRow, NotFound | NotPossibleNow, SqlClient.SqlClient>,
) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    const change = Effect.gen(function* () {
      const row = yield* lockUsable(organization, name)
      const release = yield* choose(row)
      const rows =
        yield* sql<ServiceRow>`update service set wish = 'running', source = ${pg.json(release.source)},
          environment = ${pg.json(release.environment)}, resources = ${pg.json(release.resources)},
          port = ${release.port}, health_path = ${release.health_path}
        where id = ${row.id} returning *`
      return yield* insertDeployment(rows[0]!, trigger, release.id, user)
    })
    return yield* asTenant(organization.id, change).pipe(Effect.flatMap(start))
  })

const currentRelease = (service: ServiceRow) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<ReleaseRow>`select * from release where id = ${service.current_release_id}`.pipe(
      Effect.orDie,
    )
    if (rows[0] === undefined)
      return yield* new NotPossibleNow({
        message: `"${service.name}" has no release yet.`,
        next: "Deploy it first.",
      })
    return rows[0]
  })

export const startService = (organization: Member, user: string, name: string) =>
  deployRelease(organization, user, name, "start", (service) =>
    service.wish === "running" && service.live_deployment_id !== null
      ? Effect.fail(
          new NotPossibleNow({
            message: `"${name}" runs already.`,
            next: "Restart it if that is what you want.",
          }),
        )
      : currentRelease(service),
  )

export const restartService = (organization: Member, user: string, name: string) =>
  deployRelease(organization, user, name, "restart", (service) =>
    service.wish === "stopped"
      ? Effect.fail(new NotPossibleNow({ message: `"${name}" is stopped.`, next: "Start it." }))
      : currentRelease(service),
  )

export const rollBack = (organization: Member, user: string, name: string, number: number) =>
  deployRelease(organization, user, name, "rollback", (service) =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const rows = yield* sql<ReleaseRow>`select * from release
        where organization_id = ${organization.id} and service_id = ${service.id} and number = ${number}`.pipe(
        Effect.orDie,
      )
      if (rows[0] === undefined)
        return yield* new NotFound({
          message: `"${name}" has no release ${number}.`,
          next: "The list of releases shows which there are.",
        })
      return rows[0]
    }),
  )

export const redeployService = (organization: Member, user: string, name: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const change = Effect.gen(function* () {
      const row = yield* lockUsable(organization, name)
      yield* sql`update service set wish = 'running' where id = ${row.id}`
      return yield* insertDeployment(row, "redeploy", null, user)
    })
    return yield* asTenant(organization.id, change).pipe(Effect.flatMap(start))
  })

export const stopService = (organization: Member, name: string) =>
  asTenant(
    organization.id,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const row = yield* lockUsable(organization, name)
      yield* sql`update service set wish = 'stopped', live_deployment_id = null where id = ${row.id}`
      yield* cancelUnfinished(organization.id, row.id, "The service was stopped.")
    }),
  )

export const deleteService = (organization: Member, name: string) =>
  asTenant(
    organization.id,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const row = yield* lockService(organization, name)
      yield* sql`update service set wish = 'deleted', live_deployment_id = null where id = ${row.id}`
      yield* cancelUnfinished(organization.id, row.id, "The service was deleted.")
    }),
  )

export const cancelDeployment = (organization: Member, user: string, name: string, number: number) =>
  asTenant(
    organization.id,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const row = yield* lockService(organization, name)
      const canceled = yield* sql<{
        id: string
      }>`update deployment set cancel_reason = ${`Canceled by ${user}.`}
        where service_id = ${row.id} and number = ${number} and finished_at is null returning id`
      if (canceled.length === 0)
        return yield* new NotPossibleNow({
          message: `Deployment ${number} of "${name}" is not under way.`,
          next: "Only one that is under way can be canceled.",
        })
    }),
  )
