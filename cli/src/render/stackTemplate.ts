import { describePort } from "@skypanel/contract/Service"
import { describeSource } from "@skypanel/contract/Source"
import type { StackPart } from "@skypanel/contract/Stack"
import type {
  PartDifference,
  StackDifference,
  StackHistory,
  StackVersion,
} from "@skypanel/contract/StackTemplate"
import { failureLines } from "./deployment.ts"
import type { Style } from "./style.ts"
import { table } from "./table.ts"
import { changeTable, diffLine, paintVersion } from "./templateVersion.ts"
import { oneLine } from "./text.ts"
import { formatAgo } from "./time.ts"
import type { View } from "./view.ts"

const stateOf = ({ removed, versions }: StackHistory): string =>
  removed ? "removed" : versions.map(({ number, state }) => `${number} ${state}`).join(", ")

export const stackHistoryList = (stacks: ReadonlyArray<StackHistory>, view: View): ReadonlyArray<string> =>
  stacks.length === 0
    ? ["There are none that you may change. Add one: skypanel stacks add FILE"]
    : table<StackHistory>(
        [
          { title: "STACK", cell: ({ name }) => name },
          { title: "FOR", cell: ({ owner }) => owner },
          { title: "VERSIONS", cell: stateOf, shrink: true },
        ],
        stacks,
        { width: view.width, head: view.style.dim },
      )

/** What its trials wait for, or do. */
const progressOf = ({ trials }: StackVersion): string =>
  trials.flatMap(({ key, progress }) => (progress === null ? [] : [`${key}: ${progress}`])).join(", ")

export const stackVersionLine = (version: StackVersion, style: Style): string => {
  const progress = progressOf(version)
  const going = version.state === "validating" && progress !== "" ? ` (${oneLine(progress)})` : ""
  return `Version ${version.number}: ${paintVersion(style, version.state)}${going}`
}

/** Why trials failed, service by service. */
export const trialLines = ({ trials }: StackVersion, style: Style): ReadonlyArray<string> =>
  trials.flatMap(({ key, failure }) =>
    failure === null
      ? []
      : [style.bold(oneLine(key)), ...failureLines(failure, style).map((line) => `  ${line}`)],
  )

const partTable = (services: ReadonlyArray<StackPart>, view: View) =>
  table<StackPart>(
    [
      { title: "SERVICE", cell: ({ key }) => key },
      { title: "MADE OF", cell: ({ source }) => describeSource(source), shrink: true },
      { title: "PORT", cell: ({ port }) => describePort(port), align: "right" },
      { title: "PUBLIC", cell: ({ public: isPublic }) => (isPublic ? "yes" : "") },
      { title: "VOLUME", cell: ({ volume }) => volume?.path ?? "" },
      { title: "SECRETS", cell: ({ secrets }) => secrets.join(", ") },
      { title: "NEEDS", cell: ({ needs }) => needs.join(", ") },
    ],
    services,
    { width: view.width, head: view.style.dim },
  )

export const stackHistoryLines = (history: StackHistory, view: View): ReadonlyArray<string> => {
  const { style } = view
  const [newest] = history.versions
  if (newest === undefined) return [style.bold(history.name), "It has no version."]
  const { title, description, services } = newest.definition
  return [
    `${style.bold(history.name)}  ${oneLine(title)}${history.removed ? style.dim("  removed") : ""}`,
    oneLine(description),
    "",
    ...history.versions.flatMap((version) => [
      `${stackVersionLine(version, style)}  ${style.dim(`${oneLine(version.createdBy)}, ${formatAgo(version.createdAt, view.now)}`)}`,
      ...trialLines(version, style).map((line) => `  ${line}`),
    ]),
    "",
    ...partTable(services, view),
  ]
}

const partLines = ({ key, kind, changes, expression }: PartDifference, view: View) => [
  "",
  view.style.bold(`${key}: ${kind}`),
  ...(changes.length === 0 ? [] : changeTable("", changes, view)),
  ...expression.map((line) => diffLine(line, view.style)),
]

export const stackDifferenceLines = (found: StackDifference, view: View): ReadonlyArray<string> => [
  view.style.bold(`From version ${found.before} to version ${found.after}`),
  ...(found.changes.length === 0 ? [] : ["", ...changeTable("Stack", found.changes, view)]),
  ...(found.changes.length + found.services.length === 0 ? ["It is the same."] : []),
  ...found.services.flatMap((part) => partLines(part, view)),
]
