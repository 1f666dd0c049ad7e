import type {
  ConfigurationChange,
  PackageChange,
  ReleaseComparison,
  ReleasePackage,
  ReleasePackages,
} from "@skypanel/contract/ReleaseComparison"
import { formatSize } from "@skypanel/contract/Resources"
import { table } from "./table.ts"
import { oneLine } from "./text.ts"
import type { View } from "./view.ts"

export const packageLines = (found: ReleasePackages, view: View): ReadonlyArray<string> => [
  ...table<ReleasePackage>(
    [
      { title: "PACKAGE", cell: ({ name }) => name, shrink: true },
      { title: "VERSION", cell: ({ version }) => version ?? "—" },
      { title: "SIZE", cell: ({ bytes }) => formatSize(bytes), align: "right" },
    ],
    found.packages,
    { width: view.width, head: view.style.dim },
  ),
  "",
  `Release ${found.release}: ${formatSize(found.bytes)} in all.`,
]

/** With its sign, as what it is about is a difference. */
export const sizeChange = (bytes: number): string =>
  bytes === 0 ? "same size" : `${bytes < 0 ? "-" : "+"}${formatSize(Math.abs(bytes))}`

const versions = (side: PackageChange["before"]): string =>
  side === null ? "—" : side.versions.map((version) => version ?? "no version").join(", ")

const mark = ({ before, after }: PackageChange): string =>
  before === null ? "+" : after === null ? "-" : "~"

const packagePart = (
  closure: NonNullable<ReleaseComparison["closure"]>,
  view: View,
): ReadonlyArray<string> => {
  const paint = { "+": view.style.green, "-": view.style.red, "~": view.style.yellow }
  const rows = table<PackageChange>(
    [
      { title: "", cell: mark, paint: (text, change) => paint[mark(change) as keyof typeof paint](text) },
      { title: "PACKAGE", cell: ({ name }) => name, shrink: true },
      { title: "BEFORE", cell: ({ before }) => versions(before) },
      { title: "AFTER", cell: ({ after }) => versions(after) },
      {
        title: "SIZE",
        cell: ({ before, after }) => sizeChange((after?.bytes ?? 0) - (before?.bytes ?? 0)),
        align: "right",
      },
    ],
    closure.packages,
    { width: view.width, head: view.style.dim },
  )
  const { bytesBefore, bytesAfter, rebuilt } = closure
  return [
    ...(closure.packages.length === 0 ? ["The same packages."] : rows),
    ...(rebuilt === 0 ? [] : [`${rebuilt} more built anew, of the same version and size.`]),
    `In all ${formatSize(bytesBefore)} → ${formatSize(bytesAfter)}, ${sizeChange(bytesAfter - bytesBefore)}.`,
  ]
}

const configurationPart = (changes: ReadonlyArray<ConfigurationChange>, view: View): ReadonlyArray<string> =>
  changes.length === 0
    ? ["The same configuration."]
    : table<ConfigurationChange>(
        [
          {
            title: "CONFIGURATION",
            cell: ({ field, variable }) => (variable === null ? field : `${field} ${variable}`),
          },
          { title: "BEFORE", cell: ({ before }) => before ?? "—", shrink: true },
          { title: "AFTER", cell: ({ after }) => after ?? "—", shrink: true },
        ],
        changes,
        { width: view.width, head: view.style.dim },
      )

export const comparisonLines = (found: ReleaseComparison, view: View): ReadonlyArray<string> => [
  view.style.bold(oneLine(`From release ${found.before} to release ${found.after}`)),
  "",
  ...configurationPart(found.configuration, view),
  "",
  ...(found.closure === null
    ? ["What they were made of is not in the store any more."]
    : packagePart(found.closure, view)),
]
