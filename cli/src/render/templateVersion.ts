import { formatSize } from "@skypanel/contract/Resources"
import { describePort } from "@skypanel/contract/Service"
import type {
  DiffLine,
  TemplateChange,
  TemplateDifference,
  TemplateHistory,
  TemplateVersion,
} from "@skypanel/contract/Template"
import type { TemplateOption } from "@skypanel/contract/TemplateOptions"
import { failureLines } from "./deployment.ts"
import { fieldLines } from "./fields.ts"
import type { Style } from "./style.ts"
import { table } from "./table.ts"
import { lines, oneLine } from "./text.ts"
import { formatAgo } from "./time.ts"
import type { View } from "./view.ts"

export const paintVersion = (style: Style, state: TemplateVersion["state"]) => {
  switch (state) {
    case "published":
    case "valid":
      return style.green(state)
    case "failed":
      return style.red(state)
    case "validating":
      return style.yellow(state)
    default:
      return style.dim(state)
  }
}

export const versionLine = ({ number, state, progress }: TemplateVersion, style: Style): string =>
  `Version ${number}: ${paintVersion(style, state)}${progress === null ? "" : ` (${oneLine(progress)})`}`

const optionTable = (options: ReadonlyArray<TemplateOption>, view: View) =>
  options.length === 0
    ? ["It has no options."]
    : table<TemplateOption>(
        [
          { title: "OPTION", cell: ({ name }) => name },
          {
            title: "TYPE",
            cell: ({ type, choices }) => (type === "choice" ? choices.join(" | ") : type),
            shrink: true,
          },
          { title: "NEEDED", cell: ({ required }) => (required ? "yes" : "") },
          {
            title: "DEFAULT",
            cell: (option) => (option.default === null ? "—" : String(option.default)),
            shrink: true,
          },
          { title: "VARIABLE", cell: ({ variable }) => variable ?? "" },
          { title: "DESCRIPTION", cell: ({ description }) => description, shrink: true },
        ],
        options,
        { width: view.width, head: view.style.dim },
      )

export const historyLines = (history: TemplateHistory, view: View): ReadonlyArray<string> => {
  const { style } = view
  const [newest] = history.versions
  const versions = history.versions.flatMap((version) => [
    `${versionLine(version, style)}  ${style.dim(`${oneLine(version.createdBy)}, ${formatAgo(version.createdAt, view.now)}`)}`,
    ...(version.failure === null ? [] : failureLines(version.failure, style).map((line) => `  ${line}`)),
  ])
  if (newest === undefined) return [style.bold(history.name), "It has no version."]
  const { definition } = newest
  const { cpu, memoryBytes, storageBytes } = definition.resources
  return [
    `${style.bold(history.name)}  ${oneLine(definition.title)}${history.removed ? style.dim("  removed") : ""}`,
    oneLine(definition.description),
    "",
    ...versions,
    "",
    ...fieldLines(
      [
        ["for", history.owner],
        ["resources", `${cpu} CPU, ${formatSize(memoryBytes)}, ${formatSize(storageBytes)} storage`],
        ["port", describePort(definition.port)],
        ["health", definition.healthPath ?? "a connection is enough"],
        ["variables", definition.environment.map(({ name, value }) => oneLine(`${name}=${value}`)).join(" ")],
      ],
      style,
    ),
    "",
    ...optionTable(definition.options, view),
    "",
    ...lines(definition.expression.trimEnd()).map((line) => `  ${line}`),
  ]
}

export const changeTable = (title: string, changes: ReadonlyArray<TemplateChange>, view: View) =>
  changes.length === 0
    ? [`${title}: the same.`]
    : table<TemplateChange>(
        [
          { title: title.toUpperCase() || "FIELD", cell: ({ field }) => field },
          { title: "BEFORE", cell: ({ before }) => before ?? "—", shrink: true },
          { title: "AFTER", cell: ({ after }) => after ?? "—", shrink: true },
        ],
        changes,
        { width: view.width, head: view.style.dim },
      )

export const diffLine = ({ mark, text }: DiffLine, style: Style): string => {
  const line = `${mark} ${oneLine(text)}`.trimEnd()
  if (mark === "+") return style.green(line)
  return mark === "-" ? style.red(line) : style.dim(line)
}

export const differenceLines = (found: TemplateDifference, view: View): ReadonlyArray<string> => [
  view.style.bold(`From version ${found.before} to version ${found.after}`),
  "",
  ...changeTable("Options", found.options, view),
  "",
  ...changeTable("Configuration", found.configuration, view),
  "",
  ...(found.expression.length === 0
    ? ["Expression: the same."]
    : found.expression.map((line) => diffLine(line, view.style))),
]
