import { NotFound, NotPossibleNow } from "@skypanel/contract/Errors"
import { ownValue } from "@skypanel/contract/TemplateOptions"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { Member } from "../../auth/Auth.ts"
import { audit } from "../../store/Audit.ts"
import type { DeploymentRow, ServiceRow } from "../../store/rows.ts"
import { forgetVersionsBut } from "../../store/SecretVariables.ts"
import { asTenant } from "../../store/Tenant.ts"
import { lockUsable } from "./lockedService.ts"

/** What serves, or is being deployed, with another version: without it an instance could not be started anew. */
const refuseUsed = (service: ServiceRow, secret: string, version: number) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const [user] = yield* sql<DeploymentRow>`select * from deployment
      where organization_id = ${service.organization_id} and service_id = ${service.id}
        and (finished_at is null or id = ${service.live_deployment_id})
        and secrets ? ${secret} and secrets ->> ${secret} <> ${String(version)} limit 1`
    if (user !== undefined)
      return yield* new NotPossibleNow({
        message: `Deployment ${user.number} of "${service.name}" has an earlier value of ${secret}.`,
        next: "Deploy the service with the newest one first.",
      })
  })

/** Removes the values that a secret variable had before the one of now. */
export const forgetSecret = (organization: Member, user: string, name: string, secret: string) =>
  asTenant(
    organization.id,
    Effect.gen(function* () {
      const service = yield* lockUsable(organization, name)
      const version = ownValue(service.secrets, secret)
      if (version === undefined)
        return yield* new NotFound({
          message: `"${name}" has no secret variable ${secret}.`,
          next: "The list of its variables shows which there are.",
        })
      yield* refuseUsed(service, secret, version)
      const forgotten = yield* forgetVersionsBut(service, secret, version)
      if (forgotten > 0)
        yield* audit({
          actor: user,
          action: "service.secret-forgotten",
          text: `Earlier values of ${secret} of the service ${name} (${organization.slug}) were forgotten.`,
        })
    }),
  )
