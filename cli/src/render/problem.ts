import type { Report } from "../report.ts"
import type { Style } from "./style.ts"
import { lines, oneLine } from "./text.ts"

/** A refusal on the screen: what is wrong, each bad field, what to do. */
export const problemLines = (report: Report, style: Style): ReadonlyArray<string> => {
  const [first = "", ...rest] = lines(report.message)
  return [
    `${style.red("✗")} ${first}`,
    ...rest.map((line) => `  ${line}`),
    // A single issue often says the same as the message.
    ...report.issues
      .filter((issue) => issue.message !== report.message)
      .map((issue) => `  ${style.bold(oneLine(issue.path))}: ${oneLine(issue.message)}`),
    ...(report.next === "" ? [] : [`  ${style.dim("Next:")} ${oneLine(report.next)}`]),
  ]
}

/** The same for programs: one line of JSON. */
export const problemJson = ({ exitCode: _, ...error }: Report): string => JSON.stringify({ error })
