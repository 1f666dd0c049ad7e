import type { OrganizationId, ServiceId } from "@skypanel/contract/Id"
import type { RetentionPlan } from "@skypanel/contract/Retention"
import { Effect } from "effect"
import { freedBytesOf } from "../../store/keptBytes.ts"
import { loadArtifactPolicy } from "./policy.ts"
import { standingImages } from "./standing.ts"

/** Later than anything was wanted: whether it was so lately only says how soon it goes. */
const whenever = new Date("9999-01-01T00:00:00Z")

/** Which releases of a service would go, sooner or later, if it kept so many. */
export const planRetention = (
  organization: OrganizationId,
  service: ServiceId,
  keptReleases: number | null,
) =>
  Effect.gen(function* () {
    const { keepReleases } = yield* loadArtifactPolicy
    const images = yield* standingImages(keepReleases, whenever, { serviceId: service, keptReleases })
    const going = images.filter(
      ({ kept, surplus, organizationId }) => surplus && !kept && organizationId === organization,
    )
    return {
      releases: going.flatMap(({ releases }) => releases).toSorted((a, b) => b - a),
      bytes: yield* freedBytesOf(
        organization,
        service,
        going.map(({ digest }) => digest),
      ),
    } satisfies RetentionPlan
  })
