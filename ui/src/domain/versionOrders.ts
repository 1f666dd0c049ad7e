import type { TemplateState } from "@skypanel/contract/Template"

export type VersionOrder = "validate" | "publish" | "withdraw"

/** What can be done with a version, and the word for it. */
export const versionOrders: Record<TemplateState, readonly (readonly [VersionOrder, string])[]> = {
  draft: [
    ["validate", "Validate"],
    ["withdraw", "Delete"],
  ],
  validating: [["withdraw", "Cancel and delete"]],
  failed: [
    ["validate", "Validate again"],
    ["withdraw", "Delete"],
  ],
  valid: [
    ["publish", "Publish"],
    ["withdraw", "Delete"],
  ],
  published: [["withdraw", "Withdraw"]],
  withdrawn: [["publish", "Publish again"]],
}

interface Version {
  readonly number: number
  readonly state: TemplateState
}

/** The one before, of a version that is compared; null: there is none. */
export const earlierVersion = (versions: readonly Version[], number: number | null): number | null =>
  versions.find((version) => number !== null && version.number < number)?.number ?? null

/** Whose trial is shown: that which somebody asked for, else the newest version's while it runs and when it failed. */
export const shownVersion = <V extends Version>(versions: readonly V[], asked: number | null): V | null => {
  const [newest] = versions
  if (asked !== null) return versions.find(({ number }) => number === asked) ?? null
  return newest?.state === "validating" || newest?.state === "failed" ? newest : null
}
