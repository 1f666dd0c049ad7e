import { isDeepStrictEqual } from "node:util"
import type { ReleaseId } from "@skypanel/contract/Id"
import type { StackPart, StackStepState } from "@skypanel/contract/Stack"
import { referencesIn } from "@skypanel/contract/StackReferences"

/** What is known of a service before a revision. */
export interface Known {
  /** It runs, and a release of it serves. */
  readonly serves: boolean
  readonly release: ReleaseId | null
}

export interface Planned {
  readonly key: string
  readonly state: "waiting" | "unchanged"
  /** What it has already, or shall go back to. */
  readonly release: ReleaseId | null
}

/** What references to another service stand for, as far as a revision sets it. */
const meaningOf = (parts: ReadonlyArray<StackPart>, key: string) => {
  const part = parts.find((one) => one.key === key)
  return part === undefined ? null : { port: part.port, public: part.public }
}

/** It is as it was then, and so is all that it refers to. */
const isAsThen = (part: StackPart, now: ReadonlyArray<StackPart>, then: ReadonlyArray<StackPart>) =>
  isDeepStrictEqual(
    then.find(({ key }) => key === part.key),
    part,
  ) &&
  Object.values(part.environment)
    .flatMap(referencesIn)
    .every(({ key }) => isDeepStrictEqual(meaningOf(now, key), meaningOf(then, key)))

/**
 * Of an update: what is as it was last brought to, and serves, stays. What failed the last time is tried again.
 * `applied`: for each service, the parts of the revision that it was last brought to.
 */
export const planUpdate = (
  parts: ReadonlyArray<StackPart>,
  applied: ReadonlyMap<string, ReadonlyArray<StackPart>>,
  last: ReadonlyMap<string, StackStepState>,
  known: ReadonlyMap<string, Known>,
): ReadonlyArray<Planned> =>
  parts.map((part): Planned => {
    const service = known.get(part.key)
    const stays =
      service?.serves === true &&
      last.get(part.key) !== "failed" &&
      isAsThen(part, parts, applied.get(part.key) ?? [])
    return stays
      ? { key: part.key, state: "unchanged", release: service.release }
      : { key: part.key, state: "waiting", release: null }
  })

/** Of a rollback: what has the release of then, and serves, stays. */
export const planRollback = (
  parts: ReadonlyArray<StackPart>,
  releases: ReadonlyMap<string, ReleaseId>,
  known: ReadonlyMap<string, Known>,
): ReadonlyArray<Planned> =>
  parts.map(({ key }): Planned => {
    const release = releases.get(key) ?? null
    const service = known.get(key)
    const stays = service?.serves === true && service.release === release
    return { key, release, state: stays ? "unchanged" : "waiting" }
  })
