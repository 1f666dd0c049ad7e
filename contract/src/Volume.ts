import { Schema } from "effect"

const MiB = 1024 * 1024

/** A writable folder that outlives the containers. It is on one worker; a service that has one has one instance. */
export const Volume = Schema.Struct({
  /** Absolute, and none of the folders that a container needs for itself. */
  path: Schema.String.check(
    Schema.isPattern(
      /^(?!\/(?:tmp|nix|proc|sys|dev|etc|run)(?:\/|$))(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._-]{1,100}){1,8}$/,
      {
        message:
          "a volume's path is absolute, simple, and not in /tmp, /nix, /proc, /sys, /dev, /etc or /run",
      },
    ),
  ),
  /** 16 MiB to 1 TiB. */
  sizeBytes: Schema.Int.check(
    Schema.isBetween(
      { minimum: 16 * MiB, maximum: 1024 * 1024 * MiB },
      { message: "a volume has between 16 MiB and 1 TiB" },
    ),
  ),
  /**
   * What becomes of the service when its worker is lost or emptied: `wait`: it waits for its data; `start-empty`: it
   * is started elsewhere with an empty volume, once the old copy is known to have ended.
   */
  whenWorkerIsLost: Schema.Literals(["wait", "start-empty"]),
})
export type Volume = typeof Volume.Type
