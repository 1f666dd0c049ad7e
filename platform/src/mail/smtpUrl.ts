import { Result } from "effect"

/** How the mail server is reached. */
export interface SmtpServer {
  readonly host: string
  readonly port: number
  /** `always`: from the first byte. `required`: by STARTTLS or not at all. `offered`: when the server has it. */
  readonly tls: "always" | "required" | "offered" | "never"
  /** A certificate that nobody vouches for is taken as well. */
  readonly anyCertificate: boolean
  readonly login: { readonly user: string; readonly password: string } | null
}

const options = ["requireTLS", "tls.rejectUnauthorized"]

const isLoopback = (host: string) =>
  host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host)

const decoded = (text: string): string | null => {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}

/** What is wrong with the URL. It never names the URL itself, which holds a password. */
const problemOf = (url: URL, host: string): string | null => {
  if (url.protocol !== "smtp:" && url.protocol !== "smtps:") return "must begin with smtp:// or smtps://"
  if (!/^[a-z0-9_.-]+$|^[0-9a-f:.]+$/i.test(host)) return "names no host"
  if (url.port === "0") return "has port 0"
  if (url.pathname !== "" && url.pathname !== "/")
    return "has something behind the host; only ? and options may follow"
  if ((url.username === "") !== (url.password === "")) return "must have both user and password, or neither"
  if (decoded(url.username) === null || decoded(url.password) === null)
    return "has a % in user or password that must be written %25"
  for (const [name, value] of url.searchParams) {
    if (!options.includes(name)) return `has an unknown option; there are ${options.join(" and ")}`
    if (value !== "true" && value !== "false") return `must have true or false for ${name}`
  }
  return null
}

/**
 * Reads `smtp[s]://user:password@host:port?options`. Without options a password is never sent in clear: smtp:// needs
 * STARTTLS with a valid certificate, except on the same machine, where nothing is encrypted.
 */
export const parseSmtpUrl = (text: string): Result.Result<SmtpServer, string> => {
  if (!URL.canParse(text)) return Result.fail("must be smtp://user:password@host:port, or smtps://…")
  const url = new URL(text)
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1")
  const problem = problemOf(url, host)
  if (problem !== null) return Result.fail(problem)
  const always = url.protocol === "smtps:"
  const required = url.searchParams.get("requireTLS") ?? String(!isLoopback(host))
  return Result.succeed({
    host,
    port: url.port === "" ? (always ? 465 : 587) : Number(url.port),
    tls: always ? "always" : required === "true" ? "required" : isLoopback(host) ? "never" : "offered",
    anyCertificate: url.searchParams.get("tls.rejectUnauthorized") === "false",
    login:
      url.username === ""
        ? null
        : { user: decoded(url.username) ?? "", password: decoded(url.password) ?? "" },
  })
}
