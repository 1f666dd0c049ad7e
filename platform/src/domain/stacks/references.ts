import type { Environment } from "@skypanel/contract/Environment"
import { type Reference, referencePattern } from "@skypanel/contract/StackReferences"

/** The variables with what their references stand for. Null where one stands for nothing: better no start than a wrong one. */
export const resolveEnvironment = (
  environment: Environment,
  meaningOf: (reference: Reference) => string | null,
): Environment | null => {
  let whole = true
  const resolved = Object.entries(environment).map(([name, value]) => [
    name,
    value.replaceAll(referencePattern, (_, key: string, attribute: string) => {
      const found = meaningOf({ key, attribute })
      if (found === null) whole = false
      return found ?? ""
    }),
  ])
  return whole ? Object.fromEntries(resolved) : null
}
