/*
 * The lines of `--log-format internal-json`: `@nix {"action": …}` on standard error. What a builder prints arrives
 * inside such a line, so it cannot speak as Nix. Action, activity and result numbers: Nix's `logging.hh`, the same
 * from 2.8 to 2.35.
 */
export type NixEvent =
  | { readonly _tag: "build"; readonly id: number; readonly drvPath: string }
  | { readonly _tag: "fetch"; readonly id: number; readonly text: string }
  | { readonly _tag: "stop"; readonly id: number }
  | { readonly _tag: "phase"; readonly id: number; readonly phase: string }
  | { readonly _tag: "line"; readonly id: number; readonly text: string }
  | { readonly _tag: "message"; readonly level: number; readonly text: string }
  /** Something that is not Nix's, such as the last words of the dynamic linker. */
  | { readonly _tag: "other"; readonly text: string }

const activityCopyPath = 100
const activityFileTransfer = 101
const activityBuild = 105
const activitySubstitute = 108
const resultBuildLogLine = 101
const resultSetPhase = 104
const resultPostBuildLogLine = 107

const text = (value: unknown): string => (typeof value === "string" ? value : "")

const ofStart = (json: Record<string, unknown>): NixEvent | null => {
  const id = Number(json.id)
  const fields = Array.isArray(json.fields) ? json.fields : []
  if (json.type === activityBuild) return { _tag: "build", id, drvPath: text(fields[0]) }
  if (
    json.type === activityCopyPath ||
    json.type === activitySubstitute ||
    json.type === activityFileTransfer
  )
    return { _tag: "fetch", id, text: text(json.text) }
  return null
}

const ofResult = (json: Record<string, unknown>): NixEvent | null => {
  const id = Number(json.id)
  const first = Array.isArray(json.fields) ? text(json.fields[0]) : ""
  if (json.type === resultBuildLogLine || json.type === resultPostBuildLogLine)
    return { _tag: "line", id, text: first }
  if (json.type === resultSetPhase) return { _tag: "phase", id, phase: first }
  return null
}

const parseObject = (text: string): Record<string, unknown> | null => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" ? (value as Record<string, unknown> | null) : null
  } catch {
    return null
  }
}

/** Null for events that nobody needs. */
export const parseNixEvent = (line: string): NixEvent | null => {
  if (!line.startsWith("@nix ")) return { _tag: "other", text: line }
  const json = parseObject(line.slice(5))
  if (json === null) return { _tag: "other", text: line }
  switch (json.action) {
    case "start":
      return ofStart(json)
    case "result":
      return ofResult(json)
    case "stop":
      return { _tag: "stop", id: Number(json.id) }
    case "msg":
      return { _tag: "message", level: Number(json.level ?? 0), text: text(json.msg) || text(json.raw_msg) }
    default:
      return null
  }
}

/** A derivation's name without the store's folder and hash: `nodejs-app-1.0`. */
export const derivationName = (path: string): string =>
  path.replace(/^.*\/[0-9a-df-np-sv-z]{32}-/, "").replace(/\.drv$/, "")
