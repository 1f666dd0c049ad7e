import type { Environment } from "./Environment.ts"

/** `${db.password}` in a value: a service of the stack, and what of it. Everything else in a value is as it stands. */
export const referencePattern = /\$\{([a-z][a-z0-9-]{0,8})\.([a-z][A-Za-z0-9]{0,29})\}/g

export interface Reference {
  readonly key: string
  readonly attribute: string
}

export const referencesIn = (value: string): ReadonlyArray<Reference> =>
  Array.from(value.matchAll(referencePattern), ([, key, attribute]) => ({ key: key!, attribute: attribute! }))

export const hasReferences = (value: string): boolean => referencesIn(value).length > 0

/** Those of a stack's services whose variables have the reference, such as `db.password`. */
export const referringTo = (
  reference: string,
  services: ReadonlyArray<{ readonly key: string; readonly environment: Environment }>,
): ReadonlyArray<string> =>
  services.flatMap(({ key, environment }) =>
    Object.values(environment)
      .flatMap(referencesIn)
      .some((one) => `${one.key}.${one.attribute}` === reference)
      ? [key]
      : [],
  )
