import { NotPossibleNow } from "@skypanel/contract/Errors"
import type { OrganizationId, StackId } from "@skypanel/contract/Id"
import { Effect } from "effect"
import { Sealing } from "../../sealing/Sealing.ts"
import { putGivenSecret, takeGivenSecrets } from "../../store/StackSecretVariables.ts"
import type { StackRow } from "../../store/Stacks.ts"

/** Values of secret variables, by service and variable. */
export type GivenSecrets = Readonly<Record<string, Readonly<Record<string, string>>>>

const sealedFor = (
  organization: OrganizationId,
  stack: StackId,
  key: string,
  name: string,
): ReadonlyArray<string> => [organization, stack, "stack-secret-variable", key, name]

/** Keeps values until the steps that set them; settings and parts of revisions are shown, and kept in clear. */
export const keepSecrets = (organization: OrganizationId, stack: StackId, secrets: GivenSecrets) =>
  Effect.gen(function* () {
    const sealing = yield* Sealing
    for (const [key, values] of Object.entries(secrets))
      for (const [name, value] of Object.entries(values)) {
        const sealed = sealing.seal(value, sealedFor(organization, stack, key, name))
        yield* putGivenSecret(organization, stack, { key, name, sealed })
      }
  })

/** What the service is to be given, in the transaction that does so. */
export const takeSecrets = ({ id, organization_id }: StackRow, key: string) =>
  Effect.gen(function* () {
    const sealing = yield* Sealing
    const values: Record<string, string> = {}
    for (const { name, sealed } of yield* takeGivenSecrets(organization_id, id, key)) {
      const value = sealing.open(sealed, sealedFor(organization_id, id, key, name))
      if (value === null)
        return yield* new NotPossibleNow({
          message: `The platform does not have the key any more that ${name} was sealed with.`,
          next: `Update the stack, and give ${name} again.`,
        })
      values[name] = value
    }
    return values
  })
