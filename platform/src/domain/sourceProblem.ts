import { parseGitUrl } from "@skypanel/contract/GitUrl"
import { parseImageReference } from "@skypanel/contract/image/ImageReference"
import { sourceKinds } from "@skypanel/contract/Overrides"
import type { Source } from "@skypanel/contract/Source"
import { Result } from "effect"

export interface SourceProblem {
  /** Of the source, such as `url`. */
  readonly field: string
  readonly message: string
  readonly next: string
}

/** The contract takes every word, so that an older agent reads what a newer platform knows. */
const kindProblem = (source: Source): SourceProblem | null => {
  const kind = "overrides" in source ? source.overrides?.build?.kind : undefined
  return kind === undefined || sourceKinds.some((each) => each === kind)
    ? null
    : {
        field: "overrides.build.kind",
        message: `A repository cannot be built as “${kind}”.`,
        next: `There are ${sourceKinds.join(", ")}.`,
      }
}

/** Why a source could never be fetched; null: its builder sees. `allowPrivate`: hosts of a private network count. */
export const sourceProblem = (source: Source, allowPrivate: boolean): SourceProblem | null => {
  if (source._tag === "git") {
    const url = parseGitUrl(source.url, { allowPrivate })
    if (Result.isFailure(url))
      return {
        field: "url",
        message: `This Git URL cannot be used: ${url.failure.reason}.`,
        next: "Give an https:// or ssh:// URL of a repository.",
      }
  }
  if (source._tag === "image") {
    const reference = parseImageReference(source.reference, { allowPrivate })
    if (Result.isFailure(reference))
      return {
        field: "reference",
        message: `This image cannot be used: ${reference.failure.reason}.`,
        next: "Name an image of a public registry, such as nginx:1.27 or ghcr.io/owner/app:1.2.",
      }
  }
  return kindProblem(source)
}
