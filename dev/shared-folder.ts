import { existsSync, mkdirSync, readFileSync } from "node:fs"
import { Effect } from "effect"
import { run } from "./program.ts"

const isMountPoint = (folder: string): boolean =>
  existsSync("/proc/self/mountinfo") &&
  readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .some((line) => line.split(" ")[4] === folder)

/** Takes away what is mounted at and below a folder, also while somebody still looks into it. */
export const unshareFolder = (folder: string) =>
  Effect.suspend(() =>
    isMountPoint(folder) ? Effect.ignore(run("umount", ["--recursive", "--lazy", folder])) : Effect.void,
  )

/**
 * What is mounted below this folder is seen by engines that have mounts of their own, also what is mounted after their
 * start. On a machine with systemd every folder is like that, elsewhere none. Closing the scope unmounts all of it.
 */
export const shareFolder = (folder: string) =>
  Effect.acquireRelease(
    Effect.gen(function* () {
      yield* unshareFolder(folder)
      mkdirSync(folder, { recursive: true, mode: 0o711 })
      yield* run("mount", ["--bind", folder, folder])
      yield* run("mount", ["--make-shared", folder])
    }),
    () => unshareFolder(folder),
  )
