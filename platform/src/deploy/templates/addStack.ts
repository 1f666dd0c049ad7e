import { InvalidInput } from "@skypanel/contract/Errors"
import type { AddStackTemplate, StackCheck } from "@skypanel/contract/StackTemplate"
import { Effect } from "effect"
import { StackTemplates } from "../../templates/StackTemplates.ts"
import { type Asker, forbidden, manages } from "./asker.ts"
import { insertVersion, taken } from "./insertVersion.ts"
import { resolveParts } from "./stackParts.ts"

/** What is wrong with a stack that somebody writes, and what its services come to. */
export const checkStack = (asker: Asker, { everyone, definition }: AddStackTemplate) =>
  Effect.gen(function* () {
    const owner = everyone ? null : asker.organization.id
    if (!manages(asker, owner)) return yield* forbidden(owner, "stack")
    return (yield* resolveParts(asker.organization.id, owner, definition)) satisfies StackCheck
  })

/** A draft: the first version of a new stack of the library, or the next one of a stack that is there. */
export const addStack = (asker: Asker, request: AddStackTemplate) =>
  Effect.gen(function* () {
    const { name, everyone, definition } = request
    const { issues, services } = yield* checkStack(asker, request)
    if (issues.length > 0)
      return yield* new InvalidInput({
        message: "The stack is not as it should be.",
        next: "Correct what is named.",
        issues,
      })
    if ((yield* (yield* StackTemplates).find(name)) !== null)
      return yield* taken(name, "SkyPanel comes with it")
    const { title, description, icon } = definition
    const owner = everyone ? null : asker.organization.id
    yield* insertVersion(asker, "stack", owner, name, { title, description, icon, services })
  })
