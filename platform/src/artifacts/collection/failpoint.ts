import { Context, Effect } from "effect"

/** The instants of a collection at which a test may have it cut off. */
export const collectionInstants = [
  "images-buried",
  "paths-buried",
  "images-deleted",
  "layers-deleted",
  "paths-deleted",
  /** A file is gone; its row is not yet. */
  "file-deleted",
  "files-deleted",
  /** A file that no row knew is gone. */
  "orphan-deleted",
] as const
export type CollectionInstant = (typeof collectionInstants)[number]

/** Does nothing, unless a test named an instant in `SKYPANEL_FAILPOINT`: then the process dies there as by kill -9. */
export const CollectionFailpoint = Context.Reference<(instant: CollectionInstant) => Effect.Effect<void>>(
  "platform/artifacts/CollectionFailpoint",
  {
    defaultValue: () => (instant) =>
      Effect.sync(() => {
        if (process.env.SKYPANEL_FAILPOINT === instant && process.env.SKYPANEL_DEVELOPMENT === "true")
          process.kill(process.pid, "SIGKILL")
      }),
  },
)

export const hit = (instant: CollectionInstant) =>
  Effect.flatMap(CollectionFailpoint, (failpoint) => failpoint(instant))
