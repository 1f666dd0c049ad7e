import { filesOfStack, readStackFile } from "@skypanel/contract/StackFile"
import { AddStackTemplate } from "@skypanel/contract/StackTemplate"
import { Effect } from "effect"
import { checked, refuse } from "./checked.ts"
import { readExpression } from "./expression.ts"
import { openDescription } from "./templateFile.ts"

const command = "skypanel stacks add"

/** A `stack.json`, or the folder that has one; its icon and expressions that it names are beside it. */
export const readStack = Effect.fnUntraced(function* (given: string, everyone: boolean) {
  const { text, beside, readIcon } = yield* openDescription(given, "stack.json", command)
  const named = filesOfStack(text)
  const texts = yield* Effect.forEach(named, (name) => readExpression(beside(name)))
  const found = readStackFile(text, new Map(named.map((name, at) => [name, texts[at]!])))
  if (found.issues !== null) return yield* refuse(found.issues, command)
  const definition = { ...found.definition, icon: yield* readIcon(found.icon) }
  const request = { name: found.name, everyone, definition }
  return yield* Effect.fromResult(checked(AddStackTemplate, request, [], command))
})
