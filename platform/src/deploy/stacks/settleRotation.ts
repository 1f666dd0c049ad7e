import { Effect } from "effect"
import type { Step } from "../../domain/stacks/progress.ts"
import { ownerOf, planReturn, type Rotation } from "../../domain/stacks/rotation.ts"
import { audit } from "../../store/Audit.ts"
import { knownParts } from "../../store/StackParts.ts"
import { forgetOtherVersions, prepareReturn, putInForce } from "../../store/StackSecrets.ts"
import { insertRevision, type StackRevisionRow, type StackRow } from "../../store/Stacks.ts"

/** The secret's service has the new version, or does not ask for it. */
const isTaken = (steps: ReadonlyArray<Step>, { secret }: Rotation) => {
  const state = steps.find(({ key }) => key === ownerOf(secret))?.state
  return state === undefined || state === "live" || state === "unchanged"
}

/** A revision of the platform's: what could not have the new version serves on only where the old one holds. */
const goBack = (
  stack: StackRow,
  revision: StackRevisionRow,
  rotation: Rotation,
  steps: ReadonlyArray<Step>,
) =>
  Effect.gen(function* () {
    yield* prepareReturn(stack, rotation)
    const planned = planReturn(steps, rotation, yield* knownParts(stack.organization_id, stack.id))
    const { template_version, settings, parts, created_by } = revision
    const back = { secret: rotation.secret, from: rotation.to, to: rotation.from }
    yield* insertRevision(
      stack,
      { kind: "return", target: null, template_version, settings, parts, created_by, rotation: back },
      planned,
    )
    yield* audit({
      action: "stack.secret-returned",
      tone: "warn",
      text: `${rotation.secret} of the stack ${stack.name} (${stack.organization_slug}) goes back to version ${rotation.from}: ${revision.failure?.key ?? "a service"} could not be deployed with the new one.`,
    })
  })

/**
 * What follows of a look for the secret that the revision rotates, in its transaction. The new version is in force once
 * the secret's service has it, and not before: where that fails nothing else has changed. Where another one fails
 * afterwards, everything goes back to the version of before.
 */
export const settleRotation = (
  stack: StackRow,
  revision: StackRevisionRow,
  steps: ReadonlyArray<Step>,
  status: StackRevisionRow["status"],
) =>
  Effect.gen(function* () {
    const { rotation } = revision
    if (rotation === null) return
    const taken = isTaken(steps, rotation)
    if (taken) yield* putInForce(stack, rotation)
    if (status === "deploying") return
    if (status === "failed" && taken && revision.kind === "rotate")
      return yield* goBack(stack, revision, rotation, steps)
    yield* forgetOtherVersions(stack, rotation)
  })
