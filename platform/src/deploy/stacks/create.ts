import { NameTaken, NotPossibleNow } from "@skypanel/contract/Errors"
import type { OrganizationId, StackId } from "@skypanel/contract/Id"
import type { CreateStack, StackPart } from "@skypanel/contract/Stack"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { Member } from "../../auth/Auth.ts"
import { newStackId } from "../../domain/id.ts"
import { secretNamesOf, serviceNameOf } from "../../domain/stacks/parts.ts"
import { newSecret, secretSealedFor } from "../../domain/stacks/secret.ts"
import { Sealing } from "../../sealing/Sealing.ts"
import { insertSecrets, secretVersions } from "../../store/StackSecrets.ts"
import { insertRevision, type StackRow } from "../../store/Stacks.ts"
import { asTenant } from "../../store/Tenant.ts"
import { admitResources } from "../admission.ts"
import { admitParts, admitSettings } from "./admit.ts"
import { keepSecrets } from "./givenSecrets.ts"
import { holdStackTemplate, templateOfNew } from "./template.ts"

const stacksPerOrganization = 100

/** Makes those of the stack's secrets that it does not have yet. */
export const makeSecrets = (organization: OrganizationId, stack: StackId, parts: ReadonlyArray<StackPart>) =>
  Effect.gen(function* () {
    const sealing = yield* Sealing
    const there = yield* secretVersions(organization, stack)
    const missing = secretNamesOf(parts).filter((name) => !there.has(name))
    yield* insertSecrets(
      organization,
      stack,
      missing.map((name) => ({
        name,
        sealed: sealing.seal(newSecret(), secretSealedFor(organization, stack, name, 1)),
      })),
    )
  })

const refuseTooMany = (organization: OrganizationId) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const [row] = yield* sql<{
      count: bigint
    }>`select count(*) as count from stack where organization_id = ${organization}`
    if (Number(row?.count ?? 0) >= stacksPerOrganization)
      return yield* new NotPossibleNow({
        message: `An organization has at most ${stacksPerOrganization} stacks.`,
        next: "Delete one that is not needed.",
      })
  })

/** Its services are made one after another; a name that is taken now is told at once. */
const refuseTakenNames = (organization: OrganizationId, names: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const taken = yield* sql<{ name: string }>`select name from service
      where organization_id = ${organization} and ${sql.in("name", names)} order by name limit 1`
    if (taken[0] !== undefined)
      return yield* new NameTaken({
        message: `The stack would have a service "${taken[0].name}", and there is one already.`,
        next: "Choose another name for the stack.",
      })
  })

/** Makes the stack, its secrets and its first revision, which goes on by itself. */
export const createStack = (organization: Member, user: string, request: CreateStack) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const template = yield* templateOfNew(organization.id, request.template)
    const given = request.services ?? {}
    const { settings, secrets } = yield* admitSettings(organization.id, template, {}, given, () => ({}))
    const parts = yield* admitParts(template, settings, secrets)
    for (const { resources } of parts) yield* admitResources(resources)
    const insert = Effect.gen(function* () {
      yield* holdStackTemplate(organization.id, template)
      yield* refuseTooMany(organization.id)
      yield* refuseTakenNames(
        organization.id,
        parts.map(({ key }) => serviceNameOf(request.name, key)),
      )
      const [stack] = yield* sql<StackRow>`insert into stack ${sql.insert({
        id: newStackId(),
        organization_id: organization.id,
        organization_slug: organization.slug,
        name: request.name,
        template: template.name,
        template_owner: template.owner === "skypanel" ? null : template.owner,
        created_by: user,
      })} returning *`
      yield* makeSecrets(organization.id, stack!.id, parts)
      yield* keepSecrets(organization.id, stack!.id, secrets)
      yield* insertRevision(
        stack!,
        {
          kind: "create",
          target: null,
          template_version: template.version,
          settings,
          parts,
          created_by: user,
        },
        parts.map(({ key }) => ({ key, state: "waiting", release: null })),
      )
    })
    yield* asTenant(organization.id, insert).pipe(
      Effect.catchReason("SqlError", "UniqueViolation", () =>
        Effect.fail(
          new NameTaken({
            message: `There is a stack "${request.name}" already.`,
            next: "Choose another name.",
          }),
        ),
      ),
    )
  })
