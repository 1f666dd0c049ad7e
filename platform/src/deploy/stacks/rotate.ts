import type { StackPart } from "@skypanel/contract/Stack"
import { Effect } from "effect"
import type { Member } from "../../auth/Auth.ts"
import { planRotation } from "../../domain/stacks/rotation.ts"
import { newSecret, secretSealedFor } from "../../domain/stacks/secret.ts"
import { Sealing } from "../../sealing/Sealing.ts"
import { audit } from "../../store/Audit.ts"
import { knownParts, referringParts } from "../../store/StackParts.ts"
import { prepareVersion } from "../../store/StackSecrets.ts"
import { appliedParts, insertRevision, type StackRevisionRow, type StackRow } from "../../store/Stacks.ts"
import { asTenant } from "../../store/Tenant.ts"
import { lockUsable } from "./change.ts"
import { noSecret } from "./reveal.ts"

/** Each service as it was last brought to: a rotation changes nothing else, and what failed before is still to be done. */
const partsNow = (stack: StackRow, { parts }: StackRevisionRow) =>
  Effect.map(appliedParts(stack.organization_id, stack.id), (applied) =>
    parts.map((part): StackPart => applied.get(part.key)?.find(({ key }) => key === part.key) ?? part),
  )

/**
 * Makes a new value of a secret, and starts the revision that brings it into force: its service is given it first, and
 * everything that refers to it after that.
 */
export const rotateSecret = (organization: Member, user: string, name: string, secret: string) => {
  const rotate = Effect.gen(function* () {
    const sealing = yield* Sealing
    const { stack, newest } = yield* lockUsable(organization, name)
    const rotation = yield* prepareVersion(organization.id, stack.id, secret, (version) =>
      sealing.seal(newSecret(), secretSealedFor(organization.id, stack.id, secret, version)),
    )
    if (rotation === null) return yield* noSecret(name, secret)
    const parts = yield* partsNow(stack, newest)
    const users = yield* referringParts(organization.id, stack.id, secret)
    const planned = planRotation(parts, users, yield* knownParts(organization.id, stack.id))
    const { template_version, settings } = newest
    yield* insertRevision(
      stack,
      { kind: "rotate", target: null, template_version, settings, parts, created_by: user, rotation },
      planned,
    )
    yield* audit({
      actor: user,
      action: "stack.secret-rotated",
      text: `${secret} of the stack ${name} (${organization.slug}) gets version ${rotation.to}.`,
    })
  })
  return asTenant(organization.id, rotate)
}
