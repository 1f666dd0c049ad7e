import type { Labels } from "@skypanel/contract/Worker"
import type { FieldIssue } from "./serviceForm.ts"

/** A label as it is edited: names may be doubled or wrong until it is checked. */
export interface LabelRow {
  readonly name: string
  readonly value: string
}

export const rowsOfLabels = (labels: Labels): readonly LabelRow[] =>
  Object.entries(labels).map(([name, value]) => ({ name, value }))

export const labelsOf = (rows: readonly LabelRow[]): Labels =>
  Object.fromEntries(
    rows
      .filter(({ name, value }) => name !== "" || value !== "")
      .map(({ name, value }) => [name.trim(), value.trim()]),
  )

/** What the contract cannot see any more once the rows are a record. */
export const issuesInRows = (rows: readonly LabelRow[]): readonly FieldIssue[] => {
  const names = rows.map(({ name }) => name.trim()).filter(Boolean)
  const doubled = new Set(names.filter((name, at) => names.indexOf(name) !== at))
  return [
    ...[...doubled].map((name) => ({ path: `labels.${name}`, message: `${name} is there twice` })),
    ...(rows.some(({ name, value }) => name.trim() === "" && value.trim() !== "")
      ? [{ path: "labels.", message: "give the label a name" }]
      : []),
  ]
}
