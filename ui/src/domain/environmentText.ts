/** One variable as it is edited: names may be doubled or wrong until it is checked. */
export interface Variable {
  readonly name: string
  readonly value: string
}

/** Adds pasted variables to edited ones: a name that is there gets the new value, empty rows go. */
export const mergeVariables = (
  existing: readonly Variable[],
  pasted: readonly Variable[],
): readonly Variable[] => {
  const values = new Map(pasted.map((variable) => [variable.name, variable.value]))
  const kept = existing
    .filter((variable) => variable.name !== "" || variable.value !== "")
    .map((variable) => {
      const value = values.get(variable.name)
      values.delete(variable.name)
      return value === undefined ? variable : { ...variable, value }
    })
  return [...kept, ...[...values].map(([name, value]) => ({ name, value }))]
}

/** The rows as the contract's record; rows without name and value are none. */
export const environmentOf = (variables: readonly Variable[]): Record<string, string> =>
  Object.fromEntries(
    variables
      .filter((variable) => variable.name !== "" || variable.value !== "")
      .map((variable) => [variable.name.trim(), variable.value]),
  )

export const variablesOf = (environment: Readonly<Record<string, string>>): readonly Variable[] =>
  Object.entries(environment).map(([name, value]) => ({ name, value }))

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
