import { parseEnvironment } from "@skypanel/contract/environmentFile"
import type { Service, UpdateService } from "@skypanel/contract/Service"
import type { Issue } from "./checked.ts"

type Has = Pick<Service, "environment" | "secrets">

/** What is set: in clear, and secret. */
export interface Given {
  readonly plain: ReadonlyArray<readonly [name: string, value: string]>
  readonly secret: ReadonlyArray<readonly [name: string, value: string]>
}

/** The request that sets these beside what the service has. One that becomes secret is no more in clear. */
export const setRequest = ({ environment }: Has, { plain, secret }: Given): UpdateService => {
  const values = new Map(Object.entries(environment))
  for (const [name, value] of plain) values.set(name, value)
  for (const [name] of secret) values.delete(name)
  return {
    environment: Object.fromEntries(values),
    ...(secret.length > 0 && { secrets: Object.fromEntries(secret) }),
  }
}

/** The request that takes these away; names what the service does not have. */
export const unsetRequest = (
  { environment, secrets }: Has,
  names: ReadonlyArray<string>,
): { readonly request: UpdateService; readonly unknown: ReadonlyArray<string> } => {
  const gone = secrets.filter(({ name }) => names.includes(name))
  const left = Object.entries(environment).filter(([name]) => !names.includes(name))
  return {
    request: {
      environment: Object.fromEntries(left),
      ...(gone.length > 0 && { secrets: Object.fromEntries(gone.map(({ name }) => [name, null])) }),
    },
    unknown: names.filter(
      (name) => !Object.hasOwn(environment, name) && !secrets.some((secret) => secret.name === name),
    ),
  }
}

/** Reads a `.env` file. What is named is secret, or all of it, and so is what is secret already. */
export const readFileOfVariables = (
  text: string,
  { secrets }: Has,
  isNamed: (name: string) => boolean,
  issues: Array<Issue>,
): Given => {
  const { variables, refused } = parseEnvironment(text)
  for (const { line } of refused) issues.push({ path: `line ${line}`, message: "that is no NAME=value" })
  const isSecret = (name: string) => isNamed(name) || secrets.some((secret) => secret.name === name)
  const pairs = variables.map(({ name, value }) => [name, value] as const)
  return {
    plain: pairs.filter(([name]) => !isSecret(name)),
    secret: pairs.filter(([name]) => isSecret(name)),
  }
}
