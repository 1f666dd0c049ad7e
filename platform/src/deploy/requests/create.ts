import { PgClient } from "@effect/sql-pg"
import { triggerOf } from "@skypanel/contract/Deployment"
import { NameTaken, NotPossibleNow } from "@skypanel/contract/Errors"
import type { ServiceId } from "@skypanel/contract/Id"
import { endpointLabel } from "@skypanel/contract/Name"
import { defaultResources } from "@skypanel/contract/Resources"
import type { CreateService } from "@skypanel/contract/Service"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { Member } from "../../auth/Auth.ts"
import { PlatformConfig } from "../../config.ts"
import { newServiceId } from "../../domain/id.ts"
import { insertDeployment } from "../../store/Deployments.ts"
import type { ServiceRow } from "../../store/rows.ts"
import { asTenant } from "../../store/Tenant.ts"
import { admitResources, admitSource, admitVolume } from "../admission.ts"
import { holdTemplate } from "../templates/admit.ts"
import { startDeployment } from "./startDeployment.ts"

const servicesPerOrganization = 200

/** What a new service gets where its creator says nothing, and no template does. */
const defaults = { environment: {}, resources: defaultResources, port: 8080, healthPath: null }

export const createService = (
  organization: Member,
  user: string,
  request: CreateService,
  id: ServiceId = newServiceId(),
) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    const config = yield* PlatformConfig
    const { source, template } = yield* admitSource(organization.id, request.source, {
      environment: request.environment ?? {},
      source: null,
    })
    const given = template?.defaults ?? defaults
    const resources = request.resources ?? given.resources
    yield* admitResources(resources)
    const { replicas = 1, volume = null } = request
    yield* admitVolume(volume, replicas)
    const insert = Effect.gen(function* () {
      yield* holdTemplate(organization.id, source)
      const [count] = yield* sql<{
        count: bigint
      }>`select count(*) as count from service where organization_id = ${organization.id}`
      if (Number(count?.count ?? 0) >= servicesPerOrganization)
        return yield* new NotPossibleNow({
          message: `An organization has at most ${servicesPerOrganization} services.`,
          next: "Delete one that is not needed.",
        })
      const rows = yield* sql<ServiceRow>`insert into service ${sql.insert({
        id,
        organization_id: organization.id,
        organization_slug: organization.slug,
        name: request.name,
        source: pg.json(source),
        environment: pg.json({ ...(request.environment ?? given.environment), ...template?.variables }),
        resources: pg.json(resources),
        port: request.port ?? given.port,
        port_chosen: request.port !== undefined || template !== null,
        health_path: request.healthPath === undefined ? given.healthPath : request.healthPath,
        replicas,
        volume: volume === null ? null : pg.json(volume),
        host: `${endpointLabel(request.name, organization.slug)}.${config.endpointDomain}`,
      } as never)} returning *`
      return yield* insertDeployment(rows[0]!, triggerOf(source), null, user)
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
      Effect.flatMap(startDeployment),
    )
  })
