import { Context, Layer } from "effect"
import { type Places, placesFor } from "../places.ts"

/** Layers of common images that are sent at the same time: a whole fleet asks for them at once, and nobody waits for them. */
const most = 4

export class CommonPulls extends Context.Service<CommonPulls, Places>()(
  "platform/artifacts/common/CommonPulls",
) {
  static readonly layer = Layer.sync(CommonPulls, () => placesFor(most))
}
