import { mkdir, open, rename, rm, rmdir, stat, truncate } from "node:fs/promises"
import { dirname } from "node:path"
import { Effect, Schema } from "effect"
import { type CommandOutput, runCommand } from "../builder/Command.ts"
import { readSystemFile } from "../systemFiles.ts"
import type { Owner } from "./containerOwner.ts"
import type { MountNamespace } from "./mountNamespace.ts"
import { mountsOf } from "./mounts.ts"

export class VolumeError extends Schema.TaggedError<VolumeError>()("VolumeError", {
  /** What could not be done, and why: half a sentence. */
  reason: Schema.String,
}) {}

/** Making or mending a file system of a tebibyte takes seconds: most of it is written later, by the kernel. */
const deadlineSeconds = 300

export type Run = (command: ReadonlyArray<string>) => Effect.Effect<CommandOutput>
export const runProgram: Run = (command) => runCommand(command, { seconds: deadlineSeconds })

const attempt = <A>(what: string, run: () => Promise<A>): Effect.Effect<A, VolumeError> =>
  Effect.tryPromise({
    try: run,
    catch: (error) => new VolumeError({ reason: `${what}: ${(error as Error).message}` }),
  })

/** A name is on disk only when its folder was written. */
const sync = async (path: string) => {
  const handle = await open(path, "r")
  await handle.sync().finally(() => handle.close())
}

/** What a program said when it failed, as far as it fits into a sentence. */
const lastWords = (printed: string, exitCode: number) =>
  printed.trim().slice(0, 300) || `exit code ${exitCode}`

const renamed = (from: string, to: string) =>
  attempt(`${from} cannot be renamed`, async () => {
    await rename(from, to)
    await sync(dirname(to))
  })

/** `nosuid,nodev`: a customer's files are data. `discard`: what is deleted inside takes no space outside. */
const mountOptions = "nosuid,nodev,noatime,discard,errors=remount-ro"

/**
 * File systems of a fixed size in sparse files, mounted through loop devices. Each operation may be cut off at any
 * point and done again. Paths are the caller's to judge.
 */
export const makeFileSystems = ({ prefix, mountinfo }: MountNamespace, run: Run = runProgram) => {
  /** Programs whose effect the engine shall see. */
  const must = (what: string, command: ReadonlyArray<string>, fine: ReadonlyArray<number> = [0]) =>
    run([...prefix, ...command]).pipe(
      Effect.flatMap(({ exitCode, stdout, stderr }) =>
        fine.includes(exitCode)
          ? Effect.succeed(stdout.trim())
          : Effect.fail(
              new VolumeError({
                reason: `${what}: ${command[0]} says: ${lastWords(stderr || stdout, exitCode)}`,
              }),
            ),
      ),
    )

  const mounted = attempt("what is mounted cannot be read", async () => readSystemFile(mountinfo)).pipe(
    Effect.map(mountsOf),
  )

  const deviceOf = (image: string) =>
    Effect.map(
      must("loop devices cannot be listed", [
        ...["losetup", "--noheadings", "--output", "NAME", "--associated", image],
      ]),
      (printed) => printed.split("\n")[0]?.trim() || null,
    )

  /** The device of an image that somebody has mounted. The kernel lets one go a moment after its last mount. */
  const heldDevice = (image: string) =>
    Effect.gen(function* () {
      let device = yield* deviceOf(image)
      for (let look = 0; device !== null && look < 10; look++) {
        yield* Effect.sleep("100 millis")
        device = yield* deviceOf(image)
      }
      return device
    })

  /** Mends what a loss of power left. */
  const check = (image: string, ...how: ReadonlyArray<string>) =>
    must(
      `its file system is damaged; mend it with "e2fsck -f ${image}"`,
      ["e2fsck", "-p", ...how, image],
      [0, 1],
    )

  return {
    /** Device by mount point. */
    mounted,

    /** A file that is no whole file system never has the image's name. */
    create: (image: string, unfinished: string, sizeBytes: number, { uid, gid }: Owner) =>
      Effect.gen(function* () {
        yield* attempt(`${unfinished} cannot be written`, async () => {
          await rm(unfinished, { force: true })
          const handle = await open(unfinished, "wx", 0o600)
          await handle.truncate(sizeBytes).finally(() => handle.close())
        })
        yield* must("its file system cannot be made", [
          ...["mkfs.ext4", "-q", "-F", "-m", "0", "-E"],
          `root_owner=${uid}:${gid},lazy_itable_init=1,lazy_journal_init=1`,
          unfinished,
        ])
        yield* attempt(`${unfinished} cannot be written`, () => sync(unfinished))
        yield* renamed(unfinished, image)
      }),

    renamed,

    sizeOf: (image: string) => attempt(`${image} cannot be read`, async () => (await stat(image)).size),

    /** Only ever bigger. */
    enlarge: (image: string, sizeBytes: number) =>
      attempt(`${image} cannot be made bigger`, () => truncate(image, sizeBytes)),

    /**
     * Gives whether the file system was in use nowhere: a container may still hold it that was started before. The
     * empty folder below is nobody's to write: a container that sees it instead of the volume fails at once.
     */
    mount: (image: string, mountPoint: string) =>
      Effect.gen(function* () {
        const held = yield* heldDevice(image)
        // What is mounted somewhere must not be touched: the kernel has it in its hands.
        if (held === null) yield* check(image)
        yield* attempt(`${mountPoint} cannot be made`, () => mkdir(mountPoint, { recursive: true, mode: 0 }))
        const how = held === null ? ["-o", `loop,${mountOptions}`, image] : ["-o", mountOptions, held]
        yield* must(`it cannot be mounted (that takes loop devices: /dev/loop-control, module "loop")`, [
          "mount",
          "-t",
          "ext4",
          ...how,
          mountPoint,
        ])
        return held === null
      }),

    /** Makes the file system as big as its file, while it is in use. The kernel wants CAP_SYS_RESOURCE for it. */
    fit: (device: string) =>
      Effect.andThen(
        must("its device cannot be made bigger", ["losetup", "--set-capacity", device]),
        must("its file system cannot be made bigger", ["resize2fs", device]),
      ),

    /**
     * The same while nobody uses it, for kernels that do not let us. On a copy: `resize2fs` that is cut off leaves
     * what nobody can mend, and a file system in use is the only one that has a journal to go back by.
     */
    fitCopy: (image: string, unfinished: string) =>
      Effect.gen(function* () {
        if ((yield* heldDevice(image)) !== null)
          return yield* new VolumeError({ reason: "somebody still has it mounted" })
        yield* must("it cannot be copied to be made bigger", ["cp", "--sparse=always", image, unfinished])
        yield* check(unfinished, "-f")
        yield* must("its file system cannot be made bigger", ["resize2fs", unfinished])
        yield* attempt(`${unfinished} cannot be written`, () => sync(unfinished))
        yield* renamed(unfinished, image)
      }).pipe(Effect.tapError(() => Effect.promise(() => rm(unfinished, { force: true })))),

    /**
     * Its root is the containers'. `mkfs` leaves a folder of root's in it, which a database takes for somebody's data.
     */
    handOver: (mountPoint: string, { uid, gid }: Owner) =>
      Effect.andThen(
        must("it cannot be given to the service", ["chown", "--no-dereference", `${uid}:${gid}`, mountPoint]),
        run([...prefix, "rmdir", "--ignore-fail-on-non-empty", `${mountPoint}/lost+found`]),
      ),

    unmount: (mountPoint: string) =>
      Effect.andThen(
        must("it cannot be unmounted", ["umount", mountPoint]),
        attempt(`${mountPoint} cannot be removed`, () => rmdir(mountPoint)),
      ),
  }
}

export type FileSystems = ReturnType<typeof makeFileSystems>
