import type {
  Deployment,
  DeploymentFailure,
  DeploymentReceipt,
  DeploymentStep,
} from "@skypanel/contract/Deployment"
import { formatSize } from "@skypanel/contract/Resources"
import { describeSource } from "@skypanel/contract/Source"
import { paintState } from "./state.ts"
import type { Style } from "./style.ts"
import { table } from "./table.ts"
import { lines, oneLine } from "./text.ts"
import { formatAgo, formatDuration } from "./time.ts"
import type { View } from "./view.ts"

const took = (deployment: Deployment): string =>
  deployment.finishedAt === null
    ? "—"
    : formatDuration(Date.parse(deployment.finishedAt) - Date.parse(deployment.createdAt))

/** Of one that went live and was left later, that. */
const failureOf = ({ failure, receipt, returned, trigger }: Deployment): string => {
  if (failure !== null) return failure.title
  if (receipt?.unchanged) return "nothing changed"
  if (returned === null) return ""
  return trigger === "return"
    ? `came back from ${returned.deployment}`
    : `left by ${returned.deployment}: ${returned.reason}`
}

export const deploymentList = (deployments: ReadonlyArray<Deployment>, view: View): ReadonlyArray<string> =>
  table<Deployment>(
    [
      { title: "NUMBER", cell: (deployment) => String(deployment.number), align: "right" },
      {
        title: "STATUS",
        cell: (deployment) => deployment.status,
        paint: (text, deployment) => paintState(view.style)(text, deployment.status),
      },
      { title: "TRIGGER", cell: (deployment) => deployment.trigger },
      {
        title: "RELEASE",
        align: "right",
        cell: (deployment) => (deployment.release === null ? "—" : String(deployment.release)),
      },
      { title: "STARTED", cell: (deployment) => formatAgo(deployment.createdAt, view.now) },
      { title: "TOOK", cell: took, align: "right" },
      { title: "SOURCE", cell: (deployment) => describeSource(deployment.source), shrink: true },
      { title: "OUTCOME", cell: failureOf, shrink: true },
    ],
    deployments,
    { width: view.width, head: view.style.dim },
  )

const stepWidth = "rolling-out".length

const stepTime = (step: DeploymentStep): string =>
  step.startedAt === null || step.finishedAt === null
    ? ""
    : formatDuration(Date.parse(step.finishedAt) - Date.parse(step.startedAt))

const stepLine = (step: DeploymentStep, style: Style): string => {
  const name = step.name.padEnd(stepWidth)
  const detail = step.detail === null || step.detail === "" ? "" : `  ${style.dim(oneLine(step.detail))}`
  switch (step.state) {
    case "running": {
      const expected =
        step.expectedMs === null ? "" : `  ${style.dim(`about ${formatDuration(step.expectedMs)}`)}`
      return `${style.yellow("…")} ${name}${expected}${detail}`
    }
    case "done":
      return `${style.green("✓")} ${name}  ${stepTime(step)}${detail}`
    case "failed":
      return `${style.red("✗")} ${name}  ${stepTime(step)}${detail}`
    case "skipped":
      return style.dim(`- ${name}  skipped`)
    case "pending":
      return style.dim(`  ${name}`)
  }
}

/** What has happened since `before`: a line for each step that began or ended. */
export const stepChanges = (
  before: Deployment | null,
  now: Deployment,
  style: Style,
): ReadonlyArray<string> =>
  now.steps
    .filter((step, index) => step.state !== "pending" && before?.steps[index]?.state !== step.state)
    .map((step) => stepLine(step, style).trimEnd())

export const failureLines = (failure: DeploymentFailure, style: Style): ReadonlyArray<string> => [
  `${style.red("✗")} ${style.bold(oneLine(failure.title))}`,
  ...(failure.location === null
    ? []
    : [
        `  at ${oneLine(failure.location.file)}, line ${failure.location.line}, column ${failure.location.column}`,
      ]),
  ...(failure.detail === "" ? [] : lines(failure.detail).map((line) => `  ${line}`)),
  ...failure.lines.map((line) => `  ${style.dim("│")} ${oneLine(line)}`),
  ...(failure.next === "" ? [] : [`  ${style.dim("Next:")} ${oneLine(failure.next)}`]),
]

/** Only a deployment that builds has an image to tell of. */
const receiptWords = (receipt: DeploymentReceipt | null): string => {
  if (receipt === null) return ""
  const time = ` in ${formatDuration(receipt.seconds * 1000)}`
  if (receipt.imageBytes === 0) return time
  return `${time}, image ${formatSize(receipt.imageBytes)} of which ${formatSize(receipt.newBytes)} new`
}

/** The last word on a deployment that ended. */
export const outcomeLines = (deployment: Deployment, style: Style): ReadonlyArray<string> => {
  if (deployment.status === "canceled") return [style.yellow(`Deployment ${deployment.number} was canceled.`)]
  if (deployment.failure !== null) return failureLines(deployment.failure, style)
  if (deployment.status !== "live")
    return [style.red(`Deployment ${deployment.number} ${deployment.status}.`)]
  if (deployment.receipt?.unchanged)
    return [
      `${style.green("✓")} nothing changed: release ${deployment.release} serves already`,
      `  ${style.dim("Next:")} to replace its instances all the same, restart it`,
    ]
  const release = deployment.release === null ? "" : `release ${deployment.release} `
  return [`${style.green("✓")} ${release}live${receiptWords(deployment.receipt)}`]
}
