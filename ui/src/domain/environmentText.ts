import type { SecretValues } from "@skypanel/contract/Environment"
import type { Service } from "@skypanel/contract/Service"

/** One variable as it is edited: names may be doubled or wrong until it is checked. */
export interface Variable {
  readonly name: string
  readonly value: string
  /** Its value is shown to nobody once it is saved. */
  readonly secret?: boolean
  /** The version that the service has of it: an empty value leaves that as it is. */
  readonly kept?: number
}

const isEmptyRow = ({ name, value }: Variable) => name === "" && value === ""

/** Adds pasted variables to edited ones: a name that is there gets the new value, empty rows go. */
export const mergeVariables = (
  existing: readonly Variable[],
  pasted: readonly Variable[],
): readonly Variable[] => {
  const given = new Map(pasted.map((variable) => [variable.name, variable]))
  const kept = existing
    .filter((variable) => !isEmptyRow(variable))
    .map((variable) => {
      const now = given.get(variable.name)
      given.delete(variable.name)
      return now === undefined ? variable : { ...variable, ...now }
    })
  return [...kept, ...given.values()]
}

/** The rows in clear as the contract's record; rows without name and value are none. */
export const environmentOf = (variables: readonly Variable[]): Record<string, string> =>
  Object.fromEntries(
    variables
      .filter((variable) => !isEmptyRow(variable) && variable.secret !== true)
      .map((variable) => [variable.name.trim(), variable.value]),
  )

/** What is set of secret variables: those with a value, and those that the service has and no row is of any more. */
export const secretsOf = (
  variables: readonly Variable[],
  before: Service["secrets"] = [],
): { readonly secrets?: SecretValues } => {
  const secret = variables.filter((variable) => variable.secret === true)
  const set = secret.flatMap(({ name, value }) => (value === "" ? [] : [[name.trim(), value] as const]))
  const gone = before.filter(({ name }) => !secret.some((variable) => variable.name.trim() === name))
  const values = [...set, ...gone.map(({ name }) => [name, null] as const)]
  return values.length === 0 ? {} : { secrets: Object.fromEntries(values) }
}

export const variablesOf = (environment: Readonly<Record<string, string>>): readonly Variable[] =>
  Object.entries(environment).map(([name, value]) => ({ name, value }))

export const variablesOfService = ({
  environment,
  secrets,
}: Pick<Service, "environment" | "secrets">): readonly Variable[] => [
  ...variablesOf(environment),
  ...secrets.map(({ name, version }) => ({ name, value: "", secret: true, kept: version })),
]

/** As they may be kept in the browser. */
export const withoutSecretValues = (variables: readonly Variable[]): readonly Variable[] =>
  variables.map((variable) => (variable.secret === true ? { ...variable, value: "" } : variable))

/** Names that stand in more than one row: the record would silently keep only the last. */
export const doubledNames = (variables: readonly Variable[]): readonly string[] => {
  const seen = new Set<string>()
  const doubled = new Set<string>()
  for (const { name } of variables) {
    if (name !== "" && seen.has(name)) doubled.add(name)
    seen.add(name)
  }
  return [...doubled]
}

/** What the contract cannot see of rows; each at the path of its variable. */
export const variableIssues = (
  variables: readonly Variable[],
): readonly { readonly path: string; readonly message: string }[] => [
  ...doubledNames(variables).map((name) => ({
    path: `environment.${name}`,
    message: `${name} is there twice`,
  })),
  ...(variables.some(({ name, value }) => name === "" && value !== "")
    ? [{ path: "environment.", message: "give the variable a name" }]
    : []),
  ...variables.flatMap(({ name, value, secret, kept }) => {
    if (secret === true && kept === undefined && name !== "" && value === "")
      return [{ path: `environment.${name}`, message: "give the secret its value" }]
    if (secret !== true && kept !== undefined && value === "")
      return [{ path: `environment.${name}`, message: "give its value: that of the secret is not shown" }]
    return []
  }),
]
