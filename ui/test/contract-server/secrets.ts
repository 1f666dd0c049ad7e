import type { SecretValues } from "@skypanel/contract/Environment"
import type { Service } from "@skypanel/contract/Service"
import { now } from "./ids.ts"

/** What a service has of its secret variables after a request; values are nowhere in the fake either. */
export const secretsAfter = (before: Service["secrets"], values: SecretValues = {}): Service["secrets"] => [
  ...before.filter(({ name }) => !Object.hasOwn(values, name)),
  ...Object.entries(values).flatMap(([name, value]) => {
    const version = (before.find((one) => one.name === name)?.version ?? 0) + 1
    return value === null
      ? []
      : [{ name, version, setAt: now(), setBy: "ada@example.org", earlier: version - 1 }]
  }),
]
