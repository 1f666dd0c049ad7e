import { formatImageReference, type ImageReference } from "@skypanel/contract/image/ImageReference"
import { Effect } from "effect"
import { type BuildFailed, buildFailed } from "../BuildFailed.ts"
import { WriteFailed } from "./FetchLayer.ts"
import { ImageUnfit } from "./Manifest.ts"
import { RegistryRefused } from "./Registry.ts"
import { RegistryFailed } from "./RegistryRequest.ts"

const refused = (reference: ImageReference, why: RegistryRefused["why"]): BuildFailed => {
  const { registry } = reference
  const name = formatImageReference(reference)
  switch (why) {
    case "not-found":
      return buildFailed(
        "source-not-found",
        `There is no image ${name}.`,
        `Check its name and tag; for a private one, add a credential: skypanel registries add ${registry}.`,
      )
    case "unauthorized":
      return buildFailed(
        "credential-refused",
        `${registry} does not give ${name} to who we say we are.`,
        `Add a credential for ${registry} that may read it, on the page or with: skypanel registries add ${registry}.`,
      )
    case "limited":
      return buildFailed(
        "registry-limited",
        `${registry} was asked too often and answers no more for a while.`,
        `Try it again later; a credential for ${registry} raises its limit.`,
      )
  }
}

const unfit: Readonly<Record<ImageUnfit["code"], readonly [title: string, next: string]>> = {
  "image-not-for-platform": [
    "The image is not for the processor of the workers.",
    "Build it for that processor as well, or name an image that is.",
  ],
  "image-too-large": ["The image is too large.", "Make it smaller, or ask the operator for a higher limit."],
  "image-damaged": ["The image is not what it says.", "Push it again to its registry, and deploy again."],
}

/** Says what kept an image from being fetched; what nobody has foreseen is a defect. */
export const explainImage = (reference: ImageReference, cause: unknown): Effect.Effect<BuildFailed> => {
  if (cause instanceof RegistryRefused) return Effect.succeed(refused(reference, cause.why))
  if (cause instanceof ImageUnfit)
    return Effect.succeed(buildFailed(cause.code, ...unfit[cause.code], { detail: cause.detail }))
  if (cause instanceof RegistryFailed)
    return Effect.succeed(
      buildFailed(
        "registry-failed",
        `${reference.registry} did not give the image.`,
        "Deploy again; if it stays so, look whether the registry works.",
        { detail: cause.detail },
      ),
    )
  if (cause instanceof WriteFailed)
    return Effect.succeed(
      buildFailed(
        "internal",
        "The builder could not write the image to its disk.",
        "Deploy again; if it stays so, ask the operator to look at the builder's disk.",
        { detail: cause.detail },
      ),
    )
  return Effect.die(cause)
}
