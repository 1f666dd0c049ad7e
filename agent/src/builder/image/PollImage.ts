import { Effect } from "effect"
import { type BuildFailed, buildFailed } from "../BuildFailed.ts"
import type { BuildSpace } from "../BuildSpace.ts"
import { resolveDigest } from "./Manifest.ts"
import { attempt, openRegistry } from "./OpenedRegistry.ts"

const pollSeconds = 60

/** What digest the source's reference leads to now. */
export const pollImage = (space: BuildSpace): Effect.Effect<string, BuildFailed> =>
  Effect.flatMap(openRegistry(space), (opened) =>
    attempt(opened, (signal) => resolveDigest(opened.registry, opened.reference, signal)).pipe(
      Effect.timeoutOrElse({
        duration: pollSeconds * 1000,
        orElse: () =>
          Effect.fail(
            buildFailed(
              "registry-failed",
              `${opened.reference.registry} did not say within ${pollSeconds} seconds what the tag leads to.`,
              "Check again later; if it stays so, look whether the registry works.",
            ),
          ),
      }),
    ),
  )
