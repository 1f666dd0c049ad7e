import type { StackPart } from "@skypanel/contract/Stack"
import type { AllKnown, Planned } from "./plan.ts"
import type { Step } from "./progress.ts"

/** A secret comes to another version. */
export interface Rotation {
  /** As in a reference: `db.password`. */
  readonly secret: string
  readonly from: number
  readonly to: number
}

/** The service that a secret is of: it is the one that tells right from wrong. */
export const ownerOf = (secret: string): string => secret.split(".")[0] ?? ""

/** Those whose releases refer to it and run are deployed; what is stopped gets the new version when it is started. */
export const planRotation = (
  parts: ReadonlyArray<StackPart>,
  users: ReadonlySet<string>,
  known: AllKnown,
): ReadonlyArray<Planned> =>
  parts.map(({ key }) => {
    const service = known.get(key)
    return users.has(key) && service?.serves === true
      ? { key, state: "waiting", release: null }
      : { key, state: "unchanged", release: service?.release ?? null }
  })

/** Back to the version of before: its service, where it had the new one, and those that were started with that since. */
export const planReturn = (
  steps: ReadonlyArray<Pick<Step, "key" | "state">>,
  { secret, from }: Rotation,
  known: AllKnown,
): ReadonlyArray<Planned> =>
  steps.map(({ key, state }) => {
    const service = known.get(key)
    const hasOther = service?.started.some((meanings) => {
      const meant = meanings?.[secret]
      return typeof meant === "object" && meant.version !== from
    })
    const isOwner = key === ownerOf(secret) && state !== "unchanged"
    return service?.serves === true && (isOwner || hasOther)
      ? { key, state: "waiting", release: null }
      : { key, state: "unchanged", release: service?.release ?? null }
  })

/**
 * The order of a rotation: the secret's service first, and then the others as they need each other. What is not deployed
 * by it is waited for by nobody: it runs, or ran, without that.
 */
export const rotationParts = (
  parts: ReadonlyArray<StackPart>,
  steps: ReadonlyArray<Pick<Step, "key" | "state">>,
  secret: string,
): ReadonlyArray<StackPart> => {
  const owner = ownerOf(secret)
  const deployed = new Set(steps.flatMap(({ key, state }) => (state === "unchanged" ? [] : [key])))
  return parts.map((part) => ({
    ...part,
    needs: part.key === owner ? [] : [...new Set([owner, ...part.needs])].filter((key) => deployed.has(key)),
  }))
}
