import type { SourceAccess } from "@skypanel/contract/BuildAssignment"
import { type GitUrl, type GitUrlPolicy, type GitUrlRefused, parseGitUrl } from "@skypanel/contract/GitUrl"
import { Result } from "effect"

/** Of a source, with those of its submodules. */
export const submodulesMost = 200
/** Of `.gitmodules`. */
export const modulesBytesMost = 256 * 1024
/** A submodule of a submodule of … */
export const submoduleDepthMost = 8

/** Where a commit has a submodule, and which commit of that. */
export interface Gitlink {
  readonly path: string
  readonly commit: string
}

/** A repository at its host, and what there is to show there. */
export interface Remote {
  readonly url: GitUrl
  readonly access: SourceAccess | null
}

/**
 * Reads `git config --null --get-regexp` of a `.gitmodules`: the URL of each path. Nothing else of that file counts: it may
 * name commands (`update = !…`), and branches other than the commit.
 */
export const moduleUrls = (output: string): ReadonlyMap<string, string> => {
  const modules = new Map<string, { path?: string; url?: string }>()
  for (const entry of output.split("\0")) {
    const [, name, key, value] = /^submodule\.(.*)\.(path|url)\n(.*)$/s.exec(entry) ?? []
    if (name !== undefined) modules.set(name, { ...modules.get(name), [key as string]: value })
  }
  const complete = Array.from(modules.values()).filter(({ path, url }) => path !== "" && url !== "")
  return new Map(
    complete.flatMap(({ path, url }) => (path === undefined || url === undefined ? [] : [[path, url]])),
  )
}

/** Git writes what it quotes in `"`; what is no UTF-8 was read as something else. */
export const isPlainPath = (path: string): boolean =>
  !/^"|\ufffd/.test(path) &&
  path.split("/").every((name) => !["", ".", ".."].includes(name) && name.toLowerCase() !== ".git")

const relativeTo = ({ href }: GitUrl, text: string): string =>
  new URL(text, href.endsWith("/") ? href : `${href}/`).href

/**
 * Where a submodule is fetched from. A relative URL goes by the repository that names it. One over ssh on the host of a
 * source that is fetched over https is fetched over https, too: there is no key for it, and the token is for there.
 */
export const submoduleUrl = (
  text: string,
  parent: GitUrl,
  source: GitUrl,
  policy: GitUrlPolicy,
): Result.Result<GitUrl, GitUrlRefused> =>
  Result.flatMap(
    // What is no plain text is left to the parser of URLs, which refuses it.
    parseGitUrl(
      /^\.\.?\/[\x21-\x5b\x5d-\x7e\u0080-\uffff]*$/.test(text) ? relativeTo(parent, text) : text,
      policy,
    ),
    (url): Result.Result<GitUrl, GitUrlRefused> => {
      const { port, username, pathname } = new URL(url.href)
      const itsSsh = url.protocol === "ssh" && username === "git" && port === "" && url.host === source.host
      return itsSsh && source.protocol !== "ssh"
        ? parseGitUrl(`${source.origin}${pathname}`, policy)
        : Result.succeed(url)
    },
  )

/** Whose repository it is, as Git hosts have it: the first part of its path. Null where a host may read that otherwise. */
const ownerOf = ({ href }: GitUrl): string | null => {
  const { pathname } = new URL(href)
  const [owner = "", ...others] = pathname.slice(1).replace(/\/$/, "").split("/")
  if (pathname.includes("%") || [owner, ...others].includes("")) return null
  return others.length === 0 ? "" : owner
}

/**
 * What another repository may be fetched with. A token opens all that its owner may read: it goes to repositories of the
 * same owner on the same host, and only where one that it was for has named them. A deploy key opens what it was added to:
 * it goes to its host.
 */
export const accessTo = ({ url, access }: Remote, other: GitUrl): SourceAccess | null => {
  if (access === null || url.origin !== other.origin) return null
  if (access._tag === "key") return access
  const owner = ownerOf(url)
  return owner !== null && owner === ownerOf(other) ? access : null
}
