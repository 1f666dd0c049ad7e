import { Result } from "effect"
import type { BuildFailed } from "../BuildFailed.ts"
import { notRecognised } from "./Recognised.ts"

/** The parts of a package.json that decide something; what is of another type counts as missing. */
export interface PackageJson {
  readonly name: string | null
  readonly main: string | null
  readonly scripts: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
  readonly optionalDependencies: Readonly<Record<string, string>>
  readonly engines: Readonly<Record<string, string>>
  readonly packageManager: string | null
  readonly workspaces: ReadonlyArray<string>
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** The entries of a record whose values are text. */
export const texts = (value: unknown): Readonly<Record<string, string>> =>
  isRecord(value)
    ? Object.fromEntries(
        Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
      )
    : {}

const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : null)

const workspacesOf = (value: unknown): ReadonlyArray<string> => {
  const list = isRecord(value) ? value.packages : value
  return Array.isArray(list) ? list.filter((each): each is string => typeof each === "string") : []
}

/** JSON's own message has a place in the text; as a line. */
export const lineOfJsonError = (source: string, error: unknown): number => {
  const at = /position (\d+)/.exec(String(error))?.[1]
  return at === undefined ? 1 : source.slice(0, Number(at)).split("\n").length
}

export const parsePackageJson = (source: string, file: string): Result.Result<PackageJson, BuildFailed> => {
  const refuse = (line: number) =>
    Result.fail(
      notRecognised(
        `The ${file} is not valid JSON.`,
        "Check it with `npm pkg get name`, then deploy again.",
        file,
        line,
      ),
    )
  try {
    const value: unknown = JSON.parse(source)
    if (!isRecord(value)) return refuse(1)
    return Result.succeed({
      name: text(value.name),
      main: text(value.main),
      scripts: texts(value.scripts),
      dependencies: texts(value.dependencies),
      devDependencies: texts(value.devDependencies),
      optionalDependencies: texts(value.optionalDependencies),
      engines: texts(value.engines),
      packageManager: text(value.packageManager),
      workspaces: workspacesOf(value.workspaces),
    })
  } catch (error) {
    return refuse(lineOfJsonError(source, error))
  }
}
