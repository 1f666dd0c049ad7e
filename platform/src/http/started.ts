import { NotFound } from "@skypanel/contract/Errors"
import { CurrentUser } from "@skypanel/contract/Session"
import { Effect } from "effect"
import type { Member } from "../auth/Auth.ts"
import { orUnavailable } from "../store/Database.ts"
import { findDeployment } from "../store/DeploymentViews.ts"
import { findService } from "../store/ServiceViews.ts"
import { memberOf } from "./organization.ts"

/** Does what starts a deployment, and answers with it and its service as they are then. */
export const started = <E, R>(
  slug: string,
  request: (
    organization: Member,
    user: string,
  ) => Effect.Effect<{ readonly name: string; readonly number: number }, E, R>,
) =>
  Effect.gen(function* () {
    const organization = yield* memberOf(slug)
    const user = yield* CurrentUser
    const { name, number } = yield* request(organization, user.email)
    const service = yield* findService(organization.id, name)
    const deployment = service && (yield* findDeployment(organization.id, service.id, number))
    if (service === null || deployment === null)
      return yield* new NotFound({
        message: `"${name}" is gone already.`,
        next: "Create it again.",
      })
    return { service, deployment }
  }).pipe(orUnavailable)
