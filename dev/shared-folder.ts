import { existsSync, mkdirSync, readFileSync } from "node:fs"
import { Effect } from "effect"
import { run } from "./program.ts"

/** What is mounted at a folder and below, in the order in which it was. */
const mountPoints = (folder: string): ReadonlyArray<string> =>
  (existsSync("/proc/self/mountinfo") ? readFileSync("/proc/self/mountinfo", "utf8") : "")
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "")
    .filter((place) => place === folder || place.startsWith(`${folder}/`))

/** Takes away what is mounted at and below a folder, also while somebody still looks into it. */
export const unmountAll = (folder: string) =>
  Effect.suspend(() =>
    Effect.forEach(
      mountPoints(folder).toReversed(),
      (place) => Effect.ignore(run("umount", ["--lazy", place])),
      { discard: true },
    ),
  )

/**
 * What is mounted below this folder is seen by engines that have mounts of their own, also what is mounted after their
 * start. On a machine with systemd every folder is like that, elsewhere none. Closing the scope unmounts all of it.
 */
export const shareFolder = (folder: string) =>
  Effect.acquireRelease(
    Effect.gen(function* () {
      yield* unmountAll(folder)
      mkdirSync(folder, { recursive: true, mode: 0o711 })
      yield* run("mount", ["--bind", folder, folder])
      yield* run("mount", ["--make-shared", folder])
    }),
    () => unmountAll(folder),
  )
