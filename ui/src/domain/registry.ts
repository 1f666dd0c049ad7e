import type { DeploymentFailure } from "@skypanel/contract/Deployment"
import { parseImageReference } from "@skypanel/contract/image/ImageReference"
import type { NamedSource } from "@skypanel/contract/Source"
import { Result } from "effect"

/** The registry that an image is of, as a credential names it; null: it is not written to its end yet. */
export const registryOf = (reference: string): string | null => {
  // Whether a private one may be used, the platform says.
  const parsed = parseImageReference(reference.trim(), { allowPrivate: true })
  return Result.isSuccess(parsed) ? parsed.success.registry : null
}

const mayHelp: readonly DeploymentFailure["code"][] = [
  "credential-refused",
  "source-not-found",
  "registry-limited",
]

/** The registry for which a credential may help where a deployment ended like this; null: none would. */
export const registryToAsk = (
  source: NamedSource,
  failure: Pick<DeploymentFailure, "code"> | null,
): string | null =>
  source._tag === "image" && failure !== null && mayHelp.includes(failure.code)
    ? registryOf(source.reference)
    : null
