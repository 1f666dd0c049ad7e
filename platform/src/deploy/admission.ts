import { InvalidInput, NoCapacity, NotFound } from "@skypanel/contract/Errors"
import { parseGitUrl } from "@skypanel/contract/GitUrl"
import type { OrganizationId } from "@skypanel/contract/Id"
import type { Resources } from "@skypanel/contract/Resources"
import type { Source } from "@skypanel/contract/Source"
import type { Volume } from "@skypanel/contract/Volume"
import { Effect, Result } from "effect"
import { PlatformConfig } from "../config.ts"
import { whyTooLarge } from "../domain/capacity.ts"
import { FolderStore } from "../folders/FolderStore.ts"
import { knownCapacities } from "../store/Workers.ts"
import { Templates } from "../templates/Templates.ts"

const invalid = (path: string, message: string, next: string) =>
  new InvalidInput({ message, next, issues: [{ path, message }] })

/**
 * Refuses a source that could never be fetched; what is in it, its builder looks at. Gives it as the platform knows it:
 * what a folder is, is not for who asks to say.
 */
export const admitSource = (organization: OrganizationId, source: Source) =>
  Effect.gen(function* () {
    if (source._tag === "template") {
      const templates = yield* Templates
      if ((yield* templates.find(source.template)) === null)
        return yield* new NotFound({
          message: `There is no template "${source.template}".`,
          next: "Choose one of the templates that the list shows.",
        })
    }
    if (source._tag === "folder") {
      const folders = yield* FolderStore
      const folder = yield* folders.find(organization, source.digest)
      if (folder === null)
        return yield* new NotFound({
          message: "The platform does not have this folder.",
          next: "Upload it first: `skypanel deploy NAME --dir .` does both.",
        })
      return { ...source, ...folder }
    }
    if (source._tag === "git") {
      const { allowPrivateGit } = yield* PlatformConfig
      const url = parseGitUrl(source.url, { allowPrivate: allowPrivateGit })
      if (Result.isFailure(url))
        return yield* invalid(
          "source.url",
          `This Git URL cannot be used: ${url.failure.reason}.`,
          "Give an https:// or ssh:// URL of a repository.",
        )
    }
    return source
  })

/** A volume is a folder on one worker: several instances cannot share it. */
export const admitVolume = (volume: Volume | null, replicas: number) =>
  volume !== null && replicas > 1
    ? Effect.fail(
        invalid(
          "replicas",
          "A service with a volume has one instance: the volume is on one worker.",
          "Set one instance, or leave the volume out.",
        ),
      )
    : Effect.void

/** Refuses what no worker that is known could ever run. */
export const admitResources = (resources: Resources) =>
  Effect.gen(function* () {
    const message = whyTooLarge(resources, yield* knownCapacities)
    if (message !== null)
      return yield* new NoCapacity({ message, next: "Ask for less, or add a larger worker." })
  })
