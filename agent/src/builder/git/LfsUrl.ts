import { type GitUrl, type GitUrlPolicy, type GitUrlRefused, parseGitUrl } from "@skypanel/contract/GitUrl"
import { Result } from "effect"
import { accessTo, type Remote } from "./Submodules.ts"

/** What counts of a commit's `.lfsconfig`. Commands (`lfs.customtransfer`) git-lfs takes from none. */
export interface LfsConfig {
  readonly url: string | null
  /** It leaves files out. */
  readonly selects: boolean
}

/** Reads `git config --null --get-regexp`. */
export const readLfsConfig = (output: string): LfsConfig => {
  const pairs = output.split("\0").map((entry) => entry.split(/\n(.*)/s) as [string, string?])
  const value = (key: string) => pairs.findLast(([name]) => name === key)?.[1]
  return {
    url: value("lfs.url") || null,
    selects: [value("lfs.fetchinclude"), value("lfs.fetchexclude")].some((list) => (list ?? "") !== ""),
  }
}

const suffix = "/info/lfs"

/** Where the files are: beside the repository, as git-lfs has it, or where `.lfsconfig` says. */
export const lfsRemote = (
  repository: Remote,
  { url }: LfsConfig,
  policy: GitUrlPolicy,
): Result.Result<Remote, GitUrlRefused> => {
  if (url !== null)
    return Result.map(parseGitUrl(url, policy), (elsewhere) => {
      const owned = { ...elsewhere, href: elsewhere.href.replace(/\/info\/lfs\/?$/, "") }
      return { url: elsewhere, access: accessTo(repository, owned) }
    })
  // Over ssh git-lfs asks the host itself.
  if (repository.url.protocol === "ssh") return Result.succeed(repository)
  const href = repository.url.href.replace(/\/+$/, "")
  const beside: GitUrl = {
    ...repository.url,
    href: `${href}${href.endsWith(".git") ? "" : ".git"}${suffix}`,
  }
  return Result.succeed({ ...repository, url: beside })
}
