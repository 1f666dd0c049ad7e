import { NotFound } from "@skypanel/contract/Errors"
import { CurrentUser } from "@skypanel/contract/Session"
import { Effect } from "effect"
import { Auth } from "../auth/Auth.ts"
import { findService } from "../store/ServiceViews.ts"

/** The organization of that slug, if the asking user is a member of it. Everybody else learns nothing. */
export const memberOf = (slug: string) =>
  Effect.gen(function* () {
    const user = yield* CurrentUser
    const { memberships } = yield* Auth
    const found = (yield* memberships(user.id)).find((member) => member.slug === slug)
    if (found === undefined)
      return yield* new NotFound({
        message: `There is no organization "${slug}" that you are a member of.`,
        next: "Choose one of your organizations.",
      })
    return found
  })

export const serviceOf = (slug: string, name: string) =>
  Effect.gen(function* () {
    const organization = yield* memberOf(slug)
    const service = yield* findService(organization.id, name)
    if (service === null)
      return yield* new NotFound({
        message: `There is no service "${name}".`,
        next: "The list of services shows which there are.",
      })
    return { organization, service }
  })
