import { formatMoney, hoursPerMonth } from "@skypanel/contract/Price"
import type {
  Stack,
  StackRevision,
  StackSecret,
  StackService,
  StackStep,
  StackTemplate,
} from "@skypanel/contract/Stack"
import { fieldLines } from "./fields.ts"
import { paintState } from "./state.ts"
import type { Style } from "./style.ts"
import { table } from "./table.ts"
import { oneLine } from "./text.ts"
import { formatAgo } from "./time.ts"
import type { View } from "./view.ts"

const keysOf = (services: ReadonlyArray<{ readonly key: string }>) =>
  services.map(({ key }) => key).join(", ")

export const stackTemplateList = (templates: ReadonlyArray<StackTemplate>, view: View) =>
  table<StackTemplate>(
    [
      { title: "STACK", cell: ({ name }) => name },
      { title: "VERSION", cell: ({ version }) => version },
      { title: "FROM", cell: ({ owner }) => owner },
      { title: "SERVICES", cell: ({ services }) => keysOf(services) },
      { title: "DESCRIPTION", cell: ({ description }) => description, shrink: true },
    ],
    templates,
    { width: view.width, head: view.style.dim },
  )

export const stackList = (stacks: ReadonlyArray<Stack>, view: View): ReadonlyArray<string> =>
  stacks.length === 0
    ? ["No stacks yet. Create one: skypanel stacks create NAME --template web-postgres --wait"]
    : table<Stack>(
        [
          { title: "NAME", cell: ({ name }) => name },
          {
            title: "STATE",
            cell: ({ state }) => state,
            paint: (text, { state }) => paintState(view.style)(text, state),
          },
          { title: "REVISION", cell: ({ revisions }) => String(revisions[0]?.number ?? "—"), align: "right" },
          { title: "TEMPLATE", cell: ({ template }) => template },
          { title: "SERVICES", cell: ({ services }) => keysOf(services), shrink: true },
        ],
        stacks,
        { width: view.width, head: view.style.dim },
      )

const describeRevision = ({ number, kind, target, secret }: StackRevision): string => {
  if (kind === "rollback") return `${number}, back to ${target}`
  if (kind === "rotate") return `${number}, rotate ${secret}`
  return kind === "return" ? `${number}, ${secret} as before` : `${number}, ${kind}`
}

const describeSecret = ({ name, version, rotatedAt }: StackSecret, view: View): string =>
  rotatedAt === null ? name : `${name} (version ${version}, ${formatAgo(rotatedAt, view.now)})`

const serviceLines = (stack: Stack, view: View) =>
  table<StackService>(
    [
      { title: "SERVICE", cell: ({ key }) => key },
      { title: "STATE", cell: ({ state }) => state ?? "not there yet" },
      { title: "NAME", cell: ({ name }) => name },
      { title: "NEEDS", cell: ({ needs }) => needs.join(", ") || "—" },
      { title: "ANSWERS AT", cell: ({ url }) => url ?? "—", shrink: true },
    ],
    stack.services,
    { width: view.width, head: view.style.dim },
  )

const revisionLines = (stack: Stack, view: View) =>
  table<StackRevision>(
    [
      { title: "REVISION", cell: describeRevision },
      {
        title: "STATUS",
        cell: ({ status }) => status,
        paint: (text, { status }) => paintState(view.style)(text, status),
      },
      { title: "BY", cell: ({ createdBy }) => createdBy },
      { title: "STARTED", cell: ({ createdAt }) => formatAgo(createdAt, view.now) },
      {
        title: "SERVICES",
        cell: ({ steps }) => steps.map(({ key, state }) => `${key} ${state}`).join(", "),
        shrink: true,
      },
    ],
    stack.revisions.slice(0, 10),
    { width: view.width, head: view.style.dim },
  )

const failureLines = ({ failure }: StackRevision, style: Style): ReadonlyArray<string> =>
  failure === null
    ? []
    : [style.red(`${oneLine(failure.key)} failed: ${oneLine(failure.title)}`), `→ ${oneLine(failure.next)}`]

export const stackStatus = (stack: Stack, view: View): ReadonlyArray<string> => [
  ...fieldLines(
    [
      ["Stack", view.style.bold(stack.name)],
      ["State", paintState(view.style)(stack.state, stack.state)],
      ["Template", stack.template],
      [
        "Price",
        `${formatMoney(stack.hourlyPrice)} an hour, ${formatMoney(stack.hourlyPrice * hoursPerMonth, 2)} a month`,
      ],
      ["Secrets", stack.secrets.map((secret) => describeSecret(secret, view)).join(", ")],
    ],
    view.style,
  ),
  ...(stack.revisions[0] === undefined ? [] : failureLines(stack.revisions[0], view.style)),
  "",
  ...serviceLines(stack, view),
  "",
  ...revisionLines(stack, view),
]

const marks: Record<StackStep["state"], (style: Style) => string> = {
  waiting: () => " ",
  deploying: (style) => style.yellow("…"),
  live: (style) => style.green("✓"),
  unchanged: (style) => style.dim("="),
  failed: (style) => style.red("✗"),
  skipped: (style) => style.dim("-"),
}

/** What has happened since `before`: a line for each service that has come to another state. */
export const revisionChanges = (
  before: StackRevision | null,
  now: StackRevision,
  style: Style,
): ReadonlyArray<string> => [
  ...now.steps
    .filter(
      ({ key, state }) =>
        state !== "waiting" && before?.steps.find((step) => step.key === key)?.state !== state,
    )
    .map(
      ({ key, state, detail }) =>
        `${marks[state](style)} ${key} ${state}${detail === null ? "" : `  ${style.dim(oneLine(detail))}`}`,
    ),
  ...(now.finishedAt === null ? [] : failureLines(now, style)),
]
