import { PgClient } from "@effect/sql-pg"
import { InvalidInput } from "@skypanel/contract/Errors"
import type { OrganizationId } from "@skypanel/contract/Id"
import type { ServiceTemplate, UpdateToVersion } from "@skypanel/contract/Template"
import { optionSecrets, optionVariables, valueProblems } from "@skypanel/contract/TemplateOptions"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { Member } from "../../auth/Auth.ts"
import { compareVersions } from "../../domain/templates/compareVersions.ts"
import { moveToVersion } from "../../domain/templates/moveToVersion.ts"
import { insertDeployment } from "../../store/Deployments.ts"
import { reconsiderSource } from "../../store/Repositories.ts"
import type { ServiceRow } from "../../store/rows.ts"
import { stateOfVersion, templateOfSource, versionsOf } from "../../store/TemplateVersions.ts"
import { asTenant } from "../../store/Tenant.ts"
import { admitResources, admitVariables } from "../admission.ts"
import { lockUsable, readService } from "../requests/lockedService.ts"
import { startDeployment } from "../requests/startDeployment.ts"
import { presentIn, setSecrets, withoutSecrets } from "../secretVariables.ts"
import { checkOptions, holdTemplate, sourceAt } from "./admit.ts"
import { noVersion } from "./asker.ts"

/** The version that the service is made from, and those that are offered, newest first; null: it is from none. */
const versionsFor = (organization: OrganizationId, { source }: ServiceRow) =>
  Effect.gen(function* () {
    if (source._tag !== "template" || source.version === undefined) return null
    const template = yield* templateOfSource(organization, source)
    const versions = template === null ? [] : yield* versionsOf(template.id)
    const now = versions.find(({ number }) => number === source.version)
    if (template === null || now === undefined) return null
    const offered = versions.filter(
      (version) => template.removed_at === null && stateOfVersion(version) === "published",
    )
    return { now, offered, source, template }
  })

const movedTo = (
  row: ServiceRow,
  found: NonNullable<Effect.Success<ReturnType<typeof versionsFor>>>,
  to: number,
) => {
  const after = found.offered.find(({ number }) => number === to)
  if (after === undefined) return null
  const service = {
    options: found.source.options ?? {},
    environment: row.environment,
    resources: row.resources,
    port: row.port,
    healthPath: row.health_path,
  }
  const moved = moveToVersion(service, found.now.definition, after.definition)
  // A variable that the service has as a secret one stays that.
  return { after, service: { ...moved, environment: withoutSecrets(moved.environment, row.secrets) } }
}

export const templateOfService = (organization: Member, name: string) =>
  asTenant(
    organization.id,
    Effect.gen(function* () {
      const row = yield* readService(organization, name)
      const found = yield* versionsFor(organization.id, row)
      if (found === null) return null
      const newest = found.offered[0]
      const stands = { template: found.source.template, version: found.now.number }
      const moved =
        newest === undefined || newest.number <= found.now.number ? null : movedTo(row, found, newest.number)
      if (moved === null)
        return { ...stands, available: null, difference: null, missing: [] } satisfies ServiceTemplate
      const { options } = moved.after.definition
      const missing = valueProblems(
        options,
        moved.service.options,
        presentIn(moved.service.environment, row.secrets),
      )
      return {
        ...stands,
        available: moved.after.number,
        difference: compareVersions(found.now, moved.after),
        missing: options.filter((option) =>
          missing.some(({ path }) => path === `source.options.${option.name}`),
        ),
      } satisfies ServiceTemplate
    }),
  )

/** Deploys the service from another version of its template: an ordinary deployment, with a build. */
export const updateToVersion = (
  organization: Member,
  user: string,
  name: string,
  { version, options: chosen }: UpdateToVersion,
) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const pg = yield* PgClient.PgClient
    const plan = (row: ServiceRow) =>
      Effect.gen(function* () {
        const found = yield* versionsFor(organization.id, row)
        if (found === null)
          return yield* new InvalidInput({
            message: `"${name}" is not made from a template that has versions.`,
            next: "Change its source instead.",
            issues: [],
          })
        const moved = movedTo(row, found, version)
        if (moved === null) return yield* noVersion(found.source.template, version)
        const values = { ...moved.service.options, ...chosen }
        const { definition } = moved.after
        yield* checkOptions(definition, values, presentIn(moved.service.environment, row.secrets))
        const chosenHere = {
          variables: optionVariables(definition.options, chosen),
          secrets: optionSecrets(definition.options, chosen),
        }
        return {
          ...moved.service,
          source: sourceAt(found.template, version, definition, values),
          ...(yield* admitVariables({ ...row, environment: moved.service.environment }, {}, chosenHere)),
        }
      })
    const before = yield* asTenant(organization.id, Effect.flatMap(readService(organization, name), plan))
    yield* admitResources(before.resources)
    const change = Effect.gen(function* () {
      const row = yield* lockUsable(organization, name)
      const { source, environment, secrets, resources, port, healthPath } = yield* plan(row)
      yield* holdTemplate(organization.id, source)
      yield* setSecrets(row, secrets, user)
      const rows = yield* sql<ServiceRow>`update service set wish = 'running', source = ${pg.json(source)},
          environment = ${pg.json(environment)}, resources = ${pg.json(resources)}, port = ${port},
          health_path = ${healthPath}
        where id = ${row.id} returning *`
      yield* reconsiderSource(rows[0]!)
      return yield* insertDeployment(rows[0]!, "deploy", null, user)
    })
    return yield* asTenant(organization.id, change).pipe(Effect.flatMap(startDeployment))
  })
