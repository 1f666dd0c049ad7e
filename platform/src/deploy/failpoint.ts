import { Context, Effect } from "effect"

/** The instants of a deployment, and of a stack, at which a test may have the platform killed. */
export type FailpointName =
  | "started"
  | "build-assigned"
  | "built"
  | "image-made"
  | "unchanged"
  | "release-made"
  | "workload-placed"
  | "healthy"
  | "traffic-moved"
  | "answered"
  | "live"
  | "stack-step-started"

/** Does nothing, unless a test named an instant in `SKYPANEL_FAILPOINT`: then the process dies there as by kill -9. */
export const Failpoint = Context.Reference<(name: FailpointName) => void>("platform/deploy/Failpoint", {
  defaultValue: () => (name) => {
    if (process.env.SKYPANEL_FAILPOINT === name && process.env.SKYPANEL_DEVELOPMENT === "true")
      process.kill(process.pid, "SIGKILL")
  },
})

export const hit = (name: FailpointName) =>
  Effect.flatMap(Failpoint, (failpoint) => Effect.sync(() => failpoint(name)))
