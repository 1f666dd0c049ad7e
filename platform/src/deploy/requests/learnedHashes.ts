import { NotFound } from "@skypanel/contract/Errors"
import { Effect } from "effect"
import type { Member } from "../../auth/Auth.ts"
import { audit } from "../../store/Audit.ts"
import { deleteLearned, listLearned } from "../../store/LearnedHashes.ts"
import { asTenant } from "../../store/Tenant.ts"
import { readService } from "./lockedService.ts"

export const learnedHashesOf = (organization: Member, name: string) =>
  asTenant(
    organization.id,
    Effect.flatMap(readService(organization, name), ({ id }) => listLearned(organization.id, id)),
  )

/** Whoever does it takes whatever comes next for right, so it is written down. */
export const forgetLearnedHash = (organization: Member, user: string, name: string, lock: string) =>
  asTenant(
    organization.id,
    Effect.gen(function* () {
      const service = yield* readService(organization, name)
      const [forgotten] = yield* deleteLearned(organization.id, service.id, lock)
      if (forgotten === undefined)
        return yield* new NotFound({
          message: `"${name}" has learned no hash for ${lock}.`,
          next: "Name one that the list shows.",
        })
      yield* audit({
        actor: user,
        action: "learned-hash.forgotten",
        text: `The hash that ${organization.slug}/${name} had learned for ${forgotten.subject} was forgotten.`,
        detail: { organization: organization.id, service: service.id, ...forgotten },
      })
      return yield* listLearned(organization.id, service.id)
    }),
  )
