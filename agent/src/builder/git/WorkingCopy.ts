import { chown, mkdir, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { Effect } from "effect"
import type { BuildSpace } from "../BuildSpace.ts"
import type { Ended } from "../ConfinedProcess.ts"
import { type Bind, fetcherId } from "../Confinement.ts"
import { type Asking, askRemote, runGit } from "./GitCommand.ts"
import type { Remote } from "./Submodules.ts"

/** Where git sees its folders. */
const inside = { repository: "/repository", source: "/source" }

/** The folder of a build that its source is in. */
export const sourceFolder = (space: BuildSpace): string => join(space.folder, "source")

type OnLine = (stream: "stdout" | "stderr", line: string) => void

/** A repository while it is fetched: what git has of it, beside its files and not among them. */
export interface WorkingCopy {
  readonly remote: Remote
  /** Below the source: a submodule's path, or empty. */
  readonly at: string
  /** Its files, as this machine has them. */
  readonly folder: string
  /** What git has of it, as this machine has it. */
  readonly repository: string
  readonly git: (args: ReadonlyArray<string>, onLine: OnLine) => Effect.Effect<Ended>
  /** The first lines that it answers, however it ends. */
  readonly lines: (args: ReadonlyArray<string>, most: number) => Effect.Effect<ReadonlyArray<string>>
  readonly ask: (
    asking: Omit<Asking, "writable">,
    args: ReadonlyArray<string>,
  ) => ReturnType<typeof askRemote>
}

/** An empty one; there is one at a time. */
export const openWorkingCopy = (space: BuildSpace, remote: Remote, at: string): Effect.Effect<WorkingCopy> =>
  Effect.gen(function* () {
    const repository = join(space.folder, "git")
    yield* Effect.promise(async () => {
      await rm(repository, { recursive: true, force: true })
      for (const path of [repository, join(repository, "objects"), join(repository, "refs")]) {
        await mkdir(path)
        await chown(path, fetcherId, fetcherId)
      }
      // What `git init` would write, without starting it.
      await writeFile(join(repository, "HEAD"), "ref: refs/heads/none\n")
      await writeFile(join(repository, "config"), "[core]\n\trepositoryformatversion = 0\n\tbare = false\n")
    })
    const writable: ReadonlyArray<Bind> = [
      { from: repository, to: inside.repository },
      { from: sourceFolder(space), to: inside.source },
    ]
    const workTree = at === "" ? inside.source : `${inside.source}/${at}`
    const folders = [`--git-dir=${inside.repository}`, `--work-tree=${workTree}`]
    const git: WorkingCopy["git"] = (args, onLine) =>
      runGit(space, remote.url, [...folders, ...args], onLine, { writable })
    return {
      remote,
      at,
      folder: join(sourceFolder(space), at),
      repository,
      git,
      lines: (args, most) =>
        Effect.suspend(() => {
          const lines: Array<string> = []
          return Effect.as(
            git(args, (stream, line) => {
              if (stream === "stdout" && lines.length < most) lines.push(line)
            }),
            lines,
          )
        }),
      ask: (asking, args) => askRemote(space, { ...asking, writable }, [...folders, ...args]),
    }
  })

export const closeWorkingCopy = ({ repository }: WorkingCopy): Effect.Effect<void> =>
  Effect.promise(() => rm(repository, { recursive: true, force: true }))
