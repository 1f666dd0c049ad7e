import { PgClient } from "@effect/sql-pg"
import { triggerOf } from "@skypanel/contract/Deployment"
import { NameTaken, NotPossibleNow } from "@skypanel/contract/Errors"
import type { ServiceId, StackId } from "@skypanel/contract/Id"
import { endpointLabel } from "@skypanel/contract/Name"
import { defaultResources } from "@skypanel/contract/Resources"
import type { CreateService } from "@skypanel/contract/Service"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { Member } from "../../auth/Auth.ts"
import { PlatformConfig } from "../../config.ts"
import { giveCredential } from "../../connections/firstCredential.ts"
import { newServiceId } from "../../domain/id.ts"
import { withOverrides } from "../../domain/overrides.ts"
import { defaultPort, reachedBy } from "../../domain/port.ts"
import { insertDeployment } from "../../store/Deployments.ts"
import type { ServiceRow } from "../../store/rows.ts"
import { asTenant } from "../../store/Tenant.ts"
import { admitReached, admitResources, admitSource, admitVariables, admitVolume } from "../admission.ts"
import { presentIn, setSecrets } from "../secretVariables.ts"
import { holdTemplate } from "../templates/admit.ts"
import { startDeployment } from "./startDeployment.ts"

const servicesPerOrganization = 200

/** What a new service gets where its creator says nothing, and no template does. */
const defaults = { environment: {}, resources: defaultResources, port: defaultPort, healthPath: null }

/** A service as its row begins, with nothing left open. */
export interface NewService extends Required<Omit<CreateService, "replicas" | "credential">> {
  readonly replicas: number
  /** The port was said, or that there is none; else what its source says takes its place. */
  readonly portChosen: boolean
  /** Has an endpoint. */
  readonly public: boolean
  /** The stack that it is part of, and what it is called there. */
  readonly stack: { readonly id: StackId; readonly key: string } | null
}

/** Makes the service and its first deployment, in the caller's transaction. */
export const insertService = (
  organization: Pick<Member, "id" | "slug">,
  user: string,
  service: NewService,
  id: ServiceId = newServiceId(),
) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    const config = yield* PlatformConfig
    const { name, volume, stack } = service
    yield* holdTemplate(organization.id, service.source)
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
      name,
      source: pg.json(withOverrides(service.source, null)),
      environment: pg.json(service.environment),
      resources: pg.json(service.resources),
      port: service.port,
      port_chosen: service.portChosen,
      health_path: service.healthPath,
      replicas: service.replicas,
      volume: volume === null ? null : pg.json(volume),
      host: `${endpointLabel(name, organization.slug)}.${config.endpointDomain}`,
      public: service.public,
      stack_id: stack?.id ?? null,
      stack_key: stack?.key ?? null,
    } as never)} returning *`
    const secrets = yield* setSecrets(rows[0]!, service.secrets, user)
    return yield* insertDeployment({ ...rows[0]!, secrets }, triggerOf(service.source), null, user)
  }).pipe(
    Effect.catchReason("SqlError", "UniqueViolation", () =>
      Effect.fail(
        new NameTaken({
          message: `The name "${service.name}" is taken.`,
          next: "Choose another name, or deploy the service that has it.",
        }),
      ),
    ),
  )

export const createService = (
  organization: Member,
  user: string,
  request: CreateService,
  id: ServiceId = newServiceId(),
) =>
  Effect.gen(function* () {
    const { source, template } = yield* admitSource(organization.id, request.source, {
      environment: presentIn(request.environment ?? {}, request.secrets ?? {}),
      source: null,
    })
    const given = template?.defaults ?? defaults
    const { environment, secrets } = yield* admitVariables(
      { environment: given.environment, secrets: {} },
      request,
      template,
    )
    const reached = reachedBy(request, given)
    const { replicas = 1, volume = null } = request
    const service: NewService = {
      name: request.name,
      source,
      environment,
      secrets,
      resources: request.resources ?? given.resources,
      ...reached,
      portChosen: request.port !== undefined || template !== null,
      replicas,
      volume,
      public: true,
      stack: null,
    }
    yield* admitResources(service.resources)
    yield* admitReached(reached)
    yield* admitVolume(volume, replicas)
    const owner = { id, organization_id: organization.id, source }
    const create = Effect.tap(insertService(organization, user, service, id), () =>
      giveCredential(owner, request.credential, user),
    )
    return yield* asTenant(organization.id, create).pipe(Effect.flatMap(startDeployment))
  })
