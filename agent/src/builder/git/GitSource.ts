import { chown, mkdir, rm } from "node:fs/promises"
import type { GitUrl } from "@skypanel/contract/GitUrl"
import type { GitSource } from "@skypanel/contract/Source"
import { Effect, Result } from "effect"
import { type BuildFailed, buildFailed } from "../BuildFailed.ts"
import type { BuildSpace } from "../BuildSpace.ts"
import { fetcherId } from "../Confinement.ts"
import { named } from "./LfsPointer.ts"
import { type FetchedRepository, fetchRepository } from "./Repository.ts"
import { SourceBudget } from "./SourceBudget.ts"
import {
  accessTo,
  type Gitlink,
  isPlainPath,
  submoduleDepthMost,
  submodulesMost,
  submoduleUrl,
} from "./Submodules.ts"
import { sourceFolder } from "./WorkingCopy.ts"

export interface FetchedSource {
  readonly folder: string
  readonly commit: string
}

const refused = (title: string, next: string) => Effect.fail(buildFailed("source-refused", title, next))

const noteLeftOut = ({ note, assignment }: BuildSpace, submodules: ReadonlyArray<Gitlink>) => {
  const paths = named(submodules.map(({ path }) => path))
  note(
    `has submodules that were not fetched: ${paths}. To have them: skypanel deploy ${assignment.serviceName} --submodules`,
  )
}

/** Fetches a commit into `space.folder`/source, and what was asked for with it. */
export const fetchGit = (
  space: BuildSpace,
  url: GitUrl,
  source: GitSource,
): Effect.Effect<FetchedSource, BuildFailed> => {
  const { ref, lfs = false, submodules = false } = source
  const policy = { allowPrivate: space.config.allowPrivateGit }
  const budget = new SourceBudget(space.assignment)

  const fetchSubmodule = (
    parent: FetchedRepository,
    { path, commit }: Gitlink,
    text: string,
    at: string,
    depth: number,
  ): Effect.Effect<void, BuildFailed> =>
    Effect.gen(function* () {
      if (!isPlainPath(path))
        return yield* refused(
          `The path ${at} of a submodule has characters that are not taken.`,
          "Give its folder a plain name.",
        )
      if (++budget.submodules > submodulesMost || depth > submoduleDepthMost)
        return yield* refused(
          `There are more than ${submodulesMost} submodules, or more than ${submoduleDepthMost} in each other.`,
          "Deploy it without submodules, or with fewer.",
        )
      const place = submoduleUrl(text, parent.remote.url, url, policy)
      if (Result.isFailure(place))
        return yield* refused(
          `The URL ${text} of the submodule ${at} is not allowed: ${place.failure.reason}.`,
          "Write an https:// or ssh:// URL of a public host into .gitmodules, or a relative one.",
        )
      const remote = { url: place.success, access: accessTo(parent.remote, place.success) }
      const wanted = { remote, ref: commit, at, submodules, lfs }
      yield* fetchSubmodules(yield* fetchRepository(space, wanted, budget), at, depth)
    })

  const fetchSubmodules = (
    parent: FetchedRepository,
    at: string,
    depth: number,
  ): Effect.Effect<void, BuildFailed> =>
    Effect.forEach(
      parent.submodules,
      (link) => {
        const path = at === "" ? link.path : `${at}/${link.path}`
        const text = parent.urls.get(link.path)
        if (text !== undefined) return fetchSubmodule(parent, link, text, path, depth + 1)
        return Effect.sync(() => space.note(`${path} stays empty: .gitmodules has no URL for it`))
      },
      { discard: true },
    )

  return Effect.gen(function* () {
    const folder = sourceFolder(space)
    yield* Effect.promise(async () => {
      await rm(folder, { recursive: true, force: true })
      await mkdir(folder)
      await chown(folder, fetcherId, fetcherId)
    })
    const remote = { url, access: space.assignment.access ?? null }
    const fetched = yield* fetchRepository(space, { remote, ref, at: "", submodules, lfs }, budget)
    if (submodules) yield* fetchSubmodules(fetched, "", 0)
    else if (fetched.submodules.length > 0) noteLeftOut(space, fetched.submodules)
    return { folder, commit: fetched.commit }
  })
}
