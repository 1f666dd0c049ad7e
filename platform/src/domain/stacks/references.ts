import type { Environment } from "@skypanel/contract/Environment"

/** `${db.password}` in a value: a service of the stack, and what of it. Everything else in a value is as it stands. */
const pattern = /\$\{([a-z][a-z0-9-]{0,8})\.([a-z][A-Za-z0-9]{0,29})\}/g

export interface Reference {
  readonly key: string
  readonly attribute: string
}

export const referencesIn = (value: string): ReadonlyArray<Reference> =>
  Array.from(value.matchAll(pattern), ([, key, attribute]) => ({ key: key!, attribute: attribute! }))

export const hasReferences = (value: string): boolean => referencesIn(value).length > 0

/** The variables with what their references stand for. Null where one stands for nothing: better no start than a wrong one. */
export const resolveEnvironment = (
  environment: Environment,
  meaningOf: (reference: Reference) => string | null,
): Environment | null => {
  let whole = true
  const resolved = Object.entries(environment).map(([name, value]) => [
    name,
    value.replaceAll(pattern, (_, key: string, attribute: string) => {
      const found = meaningOf({ key, attribute })
      if (found === null) whole = false
      return found ?? ""
    }),
  ])
  return whole ? Object.fromEntries(resolved) : null
}
