import { formatSize } from "@skypanel/contract/Resources"
import { keptReleasesLeast, keptReleasesMost, type RetentionPlan } from "@skypanel/contract/Retention"
import type { Service } from "@skypanel/contract/Service"

/** Null: as many as there is room for. Undefined: it is neither that nor a number that may be. */
export const keptReleases = (text: string): number | null | undefined => {
  if (text === "all") return null
  const number = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN
  return number >= keptReleasesLeast && number <= keptReleasesMost ? number : undefined
}

export const goingLines = ({ bytes, releases }: RetentionPlan): ReadonlyArray<string> => [
  `These releases go at one of the next collections, and cannot be rolled back to: ${releases.join(", ")}`,
  `${formatSize(bytes)} come free by it.`,
]

export const keepLine = ({ keptReleases, name }: Service): string =>
  keptReleases === null
    ? `Releases of ${name} are kept as long as there is room.`
    : `The newest ${keptReleases} releases of ${name} are kept, with those that serve, served before or are pinned.`
