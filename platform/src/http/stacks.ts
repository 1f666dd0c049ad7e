import { Api } from "@skypanel/contract/Api"
import { CurrentUser } from "@skypanel/contract/Session"
import type { StackSettings } from "@skypanel/contract/Stack"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { Member } from "../auth/Auth.ts"
import { deleteStack, rollBackStack, updateStack } from "../deploy/stacks/change.ts"
import { createStack } from "../deploy/stacks/create.ts"
import { revealSecret } from "../deploy/stacks/reveal.ts"
import { rotateSecret } from "../deploy/stacks/rotate.ts"
import { noStack } from "../deploy/stacks/template.ts"
import { asUploaded } from "../domain/claimedSource.ts"
import { orUnavailable } from "../store/Database.ts"
import { findStack, listStacks } from "../store/StackViews.ts"
import { memberOf } from "./organization.ts"

const settingsUploaded = <Request extends { readonly services?: StackSettings }>(
  request: Request,
): Request =>
  request.services === undefined
    ? request
    : {
        ...request,
        services: Object.fromEntries(
          Object.entries(request.services).map(([key, settings]) => [key, asUploaded(settings)]),
        ),
      }

const stackOf = (slug: string, name: string) =>
  Effect.gen(function* () {
    const { id } = yield* memberOf(slug)
    const stack = yield* findStack(id, name)
    return stack ?? (yield* noStack(name))
  })

/** Does it for a member, and answers with the stack as it is then. */
const changed = <E, R>(
  slug: string,
  name: string,
  request: (organization: Member, user: string) => Effect.Effect<void, E, R>,
) =>
  Effect.gen(function* () {
    const organization = yield* memberOf(slug)
    const user = yield* CurrentUser
    yield* request(organization, user.email)
    return yield* stackOf(slug, name)
  }).pipe(orUnavailable)

export const layerStacks = HttpApiBuilder.group(
  Api,
  "stacks",
  Effect.fn(function* (handlers) {
    return handlers.handleAll({
      list: ({ params }) =>
        Effect.flatMap(memberOf(params.organization), ({ id }) => listStacks(id)).pipe(orUnavailable),
      create: ({ params, payload }) =>
        changed(params.organization, payload.name, (organization, user) =>
          createStack(organization, user, settingsUploaded(payload)),
        ),
      get: ({ params }) => stackOf(params.organization, params.stack).pipe(orUnavailable),
      update: ({ params, payload }) =>
        changed(params.organization, params.stack, (organization, user) =>
          updateStack(organization, user, params.stack, settingsUploaded(payload)),
        ),
      rollBack: ({ params, payload }) =>
        changed(params.organization, params.stack, (organization, user) =>
          rollBackStack(organization, user, params.stack, payload.revision),
        ),
      delete: ({ params, query }) =>
        Effect.gen(function* () {
          const organization = yield* memberOf(params.organization)
          const before = yield* stackOf(params.organization, params.stack)
          yield* deleteStack(organization, params.stack, query.volumes)
          const after = yield* findStack(organization.id, params.stack)
          // One that had no services any more may be gone already.
          return after ?? { ...before, state: "deleting" as const }
        }).pipe(orUnavailable),
      rotate: ({ params }) =>
        changed(params.organization, params.stack, (organization, user) =>
          rotateSecret(organization, user, params.stack, params.secret),
        ),
      reveal: ({ params }) =>
        Effect.gen(function* () {
          const organization = yield* memberOf(params.organization)
          const user = yield* CurrentUser
          return yield* revealSecret(organization, user.email, params.stack, params.secret)
        }).pipe(orUnavailable),
    })
  }),
)
