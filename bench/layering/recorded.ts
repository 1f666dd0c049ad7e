import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import type { SeriesPath } from "./series.ts"

export type RecordedChange = "application" | "configuration" | "dependency"

export interface RecordedDeployment {
  /** Null: the first of all. */
  readonly change: RecordedChange | null
  /** Positions of its paths. */
  readonly closure: ReadonlyArray<number>
  /** Of the image that was served, from the bottom: the beginning of the digest, and bytes as they are. */
  readonly layers: ReadonlyArray<readonly [string, number]>
}

/** What was really deployed one after the other (`npm run bench -- record`). */
export interface RecordedSeries {
  readonly title: string
  /** The name of the path at the top. */
  readonly top: string
  /** `<hash>-<name>`, bytes of its NAR, positions of what it refers to. */
  readonly paths: ReadonlyArray<readonly [string, number, ReadonlyArray<number>]>
  readonly deployments: ReadonlyArray<RecordedDeployment>
}

export const recordedFile = "recorded.json"

export const recordedSeries = (): ReadonlyArray<RecordedSeries> => {
  const file = join(import.meta.dirname, recordedFile)
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : []
}

/** The closures of a series in its order; a path's version is its position among all that it ever had. */
export const closuresOf = ({
  paths,
  deployments,
}: RecordedSeries): ReadonlyArray<ReadonlyArray<SeriesPath>> =>
  deployments.map(({ closure }) => {
    const places = new Map(closure.map((position, at) => [position, at]))
    return closure.map((position): SeriesPath => {
      const [base, bytes, references] = paths[position]!
      return {
        name: base.slice(33),
        version: position,
        bytes,
        references: references.flatMap((each) => places.get(each) ?? []),
      }
    })
  })
