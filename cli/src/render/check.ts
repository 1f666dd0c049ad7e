import {
  type Check,
  type Diagnostic,
  type PackagePlan,
  type PlannedPackage,
  packageStates,
} from "@skypanel/contract/Check"
import { formatSize } from "@skypanel/contract/Resources"
import { table } from "./table.ts"
import { lines, oneLine } from "./text.ts"
import type { View } from "./view.ts"

/** A line of the source, by file and number; null where it is not at hand. */
export type SourceLine = (file: string, line: number) => string | null

const caret = (text: string, { column, endColumn }: NonNullable<Diagnostic["place"]>): string =>
  // Tabs stay, so that the mark is below what it marks.
  text.slice(0, column - 1).replace(/[^\t]/g, " ") + "^".repeat(Math.max(1, endColumn - column))

/** As compilers print it, so that editors find the place. */
const diagnosticLines = (
  found: Diagnostic,
  fileName: (file: string) => string,
  sourceLine: SourceLine,
  view: View,
): ReadonlyArray<string> => {
  const { place } = found
  const where = place === null ? "" : `${oneLine(fileName(place.file))}:${place.line}:${place.column}: `
  const text = place === null ? null : sourceLine(place.file, place.line)
  const detail = found.detail === "" || found.message.includes(found.detail) ? [] : lines(found.detail)
  return [
    `${where}${view.style.red("error:")} ${oneLine(found.message)}`,
    ...(place === null || text === null ? [] : [oneLine(text), view.style.red(caret(oneLine(text), place))]),
    ...detail.map((line) => `  ${line}`),
    ...(found.next === "" ? [] : [`  ${view.style.dim("Next:")} ${oneLine(found.next)}`]),
  ]
}

const summary = ({ totals, cut }: PackagePlan): string => {
  const { packages, onBuilder, inCache, toFetch, toBuild, bytesToFetch } = totals
  const parts = [
    toBuild > 0 ? `${toBuild} to be built` : "",
    toFetch > 0 ? `${toFetch} to be fetched` : "",
    inCache > 0 ? `${inCache} in the cache` : "",
    onBuilder > 0 ? `${onBuilder} on the builder` : "",
  ].filter((part) => part !== "")
  const bytes = bytesToFetch > 0 ? `; ${formatSize(bytesToFetch)} to fetch` : ""
  const count = packages === 1 ? "1 package" : `${packages} packages`
  return `${cut ? "At least " : ""}${count}${parts.length === 0 ? "" : `: ${parts.join(", ")}`}${bytes}.`
}

const planLines = (plan: PackagePlan, view: View): ReadonlyArray<string> => {
  const more = plan.totals.packages - plan.packages.length
  const what = plan.version === null ? plan.name : `${plan.name} ${plan.version}`
  return [
    `${view.style.green("✓")} ${view.style.bold(oneLine(what))} (${oneLine(plan.recognisedAs)}): ${packageStates[plan.state]}`,
    ...(plan.packages.length === 0
      ? []
      : [
          "",
          ...table<PlannedPackage>(
            [
              { title: "PACKAGE", cell: ({ name }) => name, shrink: true },
              { title: "VERSION", cell: ({ version }) => version ?? "—" },
              {
                title: "SIZE",
                cell: ({ bytes }) => (bytes === null ? "—" : formatSize(bytes)),
                align: "right",
              },
              { title: "WHERE", cell: ({ state }) => packageStates[state] },
              { title: "NEEDED BY", cell: ({ direct }) => (direct ? "the source" : "another"), spare: 1 },
            ],
            plan.packages,
            { width: view.width, head: view.style.dim },
          ),
          ...(more > 0 ? [`and ${more} more`] : []),
        ]),
    "",
    summary(plan),
  ]
}

export const checkLines =
  (fileName: (file: string) => string, sourceLine: SourceLine) =>
  ({ diagnostics, plan }: Check, view: View): ReadonlyArray<string> => [
    ...diagnostics.flatMap((found) => diagnosticLines(found, fileName, sourceLine, view)),
    ...(plan === null ? [] : planLines(plan, view)),
  ]
