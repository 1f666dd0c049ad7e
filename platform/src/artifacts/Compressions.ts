import { Context, Effect, Layer } from "effect"
import { ArtifactConfig } from "./ArtifactConfig.ts"
import { type Places, placesFor } from "./places.ts"

/** How many answers may be compressed as they are sent: each takes a processor, which other requests need, too. */
export class Compressions extends Context.Service<Compressions, Places>()("platform/artifacts/Compressions") {
  static readonly layer = Layer.effect(
    Compressions,
    Effect.map(ArtifactConfig, ({ compressions }) => placesFor(compressions)),
  )
}
