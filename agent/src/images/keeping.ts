import type { ContainerObserved } from "@skypanel/contract/AgentProtocol"
import type { BuildObserved } from "@skypanel/contract/BuildAssignment"
import type { PlacementId } from "@skypanel/contract/Id"
import type { CommonImages } from "@skypanel/contract/WorkerImages"
import type { Disk } from "../Disk.ts"

/** What this worker does for others now. */
export interface Doings {
  readonly placements: ReadonlyArray<{ readonly placementId: PlacementId }>
  readonly containers: ReadonlyArray<Pick<ContainerObserved, "placementId" | "state">>
  readonly builds: ReadonlyArray<Pick<BuildObserved, "phase">>
}

/** Something of a customer's is being built here, or fetched and started. */
export const isBusy = ({ placements, containers, builds }: Doings): boolean => {
  const there = new Set(containers.filter(({ state }) => state !== "starting").map((one) => one.placementId))
  return (
    builds.some(({ phase }) => phase !== "succeeded" && phase !== "failed") ||
    placements.some(({ placementId }) => !there.has(placementId))
  )
}

/** What is fetched ahead leaves this share of the disk free: it is for customers. */
const freeShare = 0.2

export type Step = { readonly pull: string } | { readonly remove: string } | null

/**
 * What is to be done next, one image at a time. What is missing comes before what is too much, so that layers which the
 * two share are not fetched twice; unless there is no room. `unlucky`: those that could not be fetched, or removed.
 */
export const nextStep = (
  { images }: Pick<CommonImages, "images">,
  here: ReadonlyArray<string>,
  unlucky: ReadonlySet<string>,
  disk: Pick<Disk, "total" | "free">,
): Step => {
  const fits = (bytes: number) => disk.free - bytes >= disk.total * freeShare
  const missing = images.find(
    ({ digest, bytes }) => !here.includes(digest) && !unlucky.has(digest) && fits(bytes),
  )
  if (missing !== undefined) return { pull: missing.digest }
  const surplus = here.find(
    (digest) => !unlucky.has(digest) && images.every((image) => image.digest !== digest),
  )
  return surplus === undefined ? null : { remove: surplus }
}
