import { Result, Schema } from "effect"

/** A Git URL that was looked at and may be fetched. */
export interface GitUrl {
  readonly href: string
  readonly protocol: "https" | "http" | "ssh"
  readonly host: string
  /** Scheme, host and port: a credential is for one of these. */
  readonly origin: string
}

export class GitUrlRefused extends Schema.TaggedError<GitUrlRefused>()("GitUrlRefused", {
  reason: Schema.String,
}) {}

export interface GitUrlPolicy {
  /** Plain http, and loopback or private addresses: for development only. */
  readonly allowPrivate: boolean
}

const privateHost =
  /^(?:localhost|.*\.localhost|.*\.local|.*\.internal|0(?:\..*)?|127\..*|10\..*|192\.168\..*|172\.(?:1[6-9]|2\d|3[01])\..*|169\.254\..*|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\..*|(?:22[4-9]|2[3-5]\d)\..*)$/

const privateV6 = /^\[(?:::1?|::ffff:.*|64:ff9b:.*|f[cd].*|fe[89ab].*|ff.*)\]$/

/** By the text alone, in whatever notation of an address; a public name may still lead elsewhere. */
export const isPublicHost = (host: string): boolean => {
  // `URL` leaves ssh hosts as they were written; http's rules turn 0177.1 and 2130706433 into dotted form.
  if (!URL.canParse(`http://${host}`)) return false
  const hostname = new URL(`http://${host}`).hostname.replace(/\.$/, "")
  return !privateHost.test(hostname) && !privateV6.test(hostname) && /[.:]/.test(hostname)
}

/**
 * Decides by the text alone: the scheme list is closed, options cannot hide in it, and a private address is refused
 * in every notation that WHATWG URL knows. A public name may still resolve to a private address: the fetch itself
 * runs where those cannot be reached.
 */
export const parseGitUrl = (text: string, policy: GitUrlPolicy): Result.Result<GitUrl, GitUrlRefused> => {
  const refuse = (reason: string) => Result.fail(new GitUrlRefused({ reason }))
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
  if (text.length > 2048 || /[\u0000-\u0020\u007f\\]/.test(text))
    return refuse("a Git URL has no spaces, backslashes or control characters, and at most 2048 characters")
  if (text.startsWith("-")) return refuse("a Git URL does not start with a hyphen")
  const scp = /^([A-Za-z0-9._-]+)@([A-Za-z0-9.-]+):(?!\/\/)([A-Za-z0-9~][^:]*)$/.exec(text)
  let url: URL
  try {
    url = new URL(scp ? `ssh://${scp[1]}@${scp[2]}/${scp[3]}` : text)
  } catch {
    return refuse("that is not a URL; write https://host/path or ssh://git@host/path")
  }
  const protocol = url.protocol.slice(0, -1)
  if (protocol !== "https" && protocol !== "ssh" && !(protocol === "http" && policy.allowPrivate))
    return refuse(`${protocol}:// is not allowed; use https:// or ssh://`)
  if (url.password !== "" || (protocol !== "ssh" && url.username !== ""))
    return refuse("a Git URL holds no password or token")
  if (!/^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])$/.test(url.hostname))
    return refuse("the host name has characters that host names do not have")
  if (url.username.startsWith("-") || url.pathname.startsWith("/-"))
    return refuse("no part of a Git URL starts with a hyphen")
  if (!policy.allowPrivate && !isPublicHost(url.hostname))
    return refuse("a Git URL leads to a public host; loopback and private addresses are not allowed here")
  if (url.pathname.length < 2) return refuse("a Git URL names a repository after the host")
  return Result.succeed({ href: url.href, protocol, host: url.hostname, origin: `${protocol}://${url.host}` })
}
