import { Context, Effect, Layer } from "effect"
import { ArtifactConfig } from "./ArtifactConfig.ts"

/** How many answers may be compressed as they are sent: each takes a processor, which other requests need, too. */
export class Compressions extends Context.Service<
  Compressions,
  {
    /** Null when there are as many already; else what says that it has ended, as often as it likes. */
    readonly begin: () => (() => void) | null
  }
>()("platform/artifacts/Compressions") {
  static readonly layer = Layer.effect(
    Compressions,
    Effect.map(ArtifactConfig, ({ compressions }) => {
      const going = new Set<symbol>()
      return Compressions.of({
        begin: () => {
          if (going.size >= compressions) return null
          const one = Symbol()
          going.add(one)
          return () => void going.delete(one)
        },
      })
    }),
  )
}
