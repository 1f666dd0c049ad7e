import { isDeepStrictEqual } from "node:util"
import type { ReleaseId } from "@skypanel/contract/Id"
import type { StackPart, StackStepState } from "@skypanel/contract/Stack"
import { type Meanings, withStale } from "./meanings.ts"

/** What is known of a service before a revision. */
export interface Known {
  /** It runs, and a release of it serves. */
  readonly serves: boolean
  readonly release: ReleaseId | null
  /** What serves answers at it. */
  readonly port: number | null
  /** What the references of its instances stood for when they were started; none where it has no references. */
  readonly started: ReadonlyArray<Meanings | null>
}
export type AllKnown = ReadonlyMap<string, Known>

export interface Planned {
  readonly key: string
  readonly state: "waiting" | "unchanged"
  /** What it has already, or shall go back to. */
  readonly release: ReleaseId | null
}

const startedOf = (known: AllKnown) => new Map(Array.from(known, ([key, { started }]) => [key, started]))

/**
 * Of an update: what is as it was last brought to, serves, and runs with what its references stand for, stays. What failed
 * the last time is tried again. `applied`: for each service, the parts of the revision that it was last brought to.
 */
export const planUpdate = (
  parts: ReadonlyArray<StackPart>,
  applied: ReadonlyMap<string, ReadonlyArray<StackPart>>,
  last: ReadonlyMap<string, StackStepState>,
  known: AllKnown,
  secrets: ReadonlyMap<string, number>,
): ReadonlyArray<Planned> => {
  const isAsThen = (part: StackPart) =>
    known.get(part.key)?.serves === true &&
    last.get(part.key) !== "failed" &&
    isDeepStrictEqual(
      applied.get(part.key)?.find(({ key }) => key === part.key),
      part,
    )
  const changed = parts.filter((part) => !isAsThen(part)).map(({ key }) => key)
  const ports = new Map(
    parts.map(({ key, port }) => [key, { now: known.get(key)?.port ?? null, after: port }]),
  )
  const deployed = withStale(new Set(changed), startedOf(known), { ports, secrets })
  return parts.map(
    ({ key }): Planned =>
      deployed.has(key)
        ? { key, state: "waiting", release: null }
        : { key, state: "unchanged", release: known.get(key)?.release ?? null },
  )
}

/** What a service goes back to. */
export interface Target {
  readonly id: ReleaseId
  readonly port: number | null
}

/**
 * Of a rollback: what has the release of then, serves, and runs with what its references will stand for, stays. The same
 * release may have been started with another port of its database than the one that the database goes back to.
 */
export const planRollback = (
  targets: ReadonlyMap<string, Target>,
  known: AllKnown,
  secrets: ReadonlyMap<string, number>,
): ReadonlyArray<Planned> => {
  const keys = Array.from(targets.keys())
  const isAsThen = (key: string) => {
    const service = known.get(key)
    return service?.serves === true && service.release === targets.get(key)?.id
  }
  const ports = new Map(
    Array.from(targets, ([key, { port }]) => [key, { now: known.get(key)?.port ?? null, after: port }]),
  )
  const changed = new Set(keys.filter((key) => !isAsThen(key)))
  const deployed = withStale(changed, startedOf(known), { ports, secrets })
  return Array.from(
    targets,
    ([key, { id }]): Planned => ({
      key,
      release: id,
      state: deployed.has(key) ? "waiting" : "unchanged",
    }),
  )
}
