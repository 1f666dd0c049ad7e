import type { LogLine } from "@skypanel/contract/Log"
import type { Style } from "./style.ts"
import { logText, oneLine } from "./text.ts"

/** A line of a build, under the deployment's steps. */
export const buildLogLine = (line: LogLine, style: Style): string => {
  const text = logText(line.text, style)
  return `  ${style.dim("│")} ${line.stream === "note" ? style.cyan(text) : text}`
}

/** A line of a running service: when, which instance, what. */
export const serviceLogLine = (line: LogLine, style: Style): string => {
  const time = line.at.slice(0, 23).replace("T", " ").replace("Z", "")
  const text = logText(line.text, style)
  const body =
    line.stream === "note" ? style.cyan(text) : line.stream === "stderr" ? style.yellow(text) : text
  return `${style.dim(oneLine(time))} ${style.dim(oneLine(line.origin).slice(0, 12))} ${body}`
}
