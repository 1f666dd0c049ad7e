import { CurrentUser } from "@skypanel/contract/Session"
import { Effect } from "effect"
import type { Asker } from "../deploy/templates/asker.ts"
import { orUnavailable } from "../store/Database.ts"
import { memberOf } from "./organization.ts"

const askerIn = (slug: string) =>
  Effect.gen(function* () {
    const organization = yield* memberOf(slug)
    const { email, administrator } = yield* CurrentUser
    return { organization, email, administrator } satisfies Asker
  })

/** Answers with what `effect` says to whoever asks. */
export const asked = <A, E, R>(
  { organization }: { readonly organization: string },
  effect: (asker: Asker) => Effect.Effect<A, E, R>,
) => Effect.flatMap(askerIn(organization), effect).pipe(orUnavailable)
