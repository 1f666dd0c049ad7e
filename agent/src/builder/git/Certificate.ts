import { checkServerIdentity, connect, type PeerCertificate } from "node:tls"
import type { GitUrl } from "@skypanel/contract/GitUrl"
import { Effect } from "effect"
import type { BuildSpace } from "../BuildSpace.ts"

/** What is wrong with a host's certificate. */
export type CertificateProblem = "expired" | "not-yet-valid" | "other-name" | "unknown-authority"

/* Words of OpenSSL and GnuTLS by way of git, of Go by way of git-lfs, and of Node.js and Deno. */
const words: ReadonlyArray<readonly [CertificateProblem, RegExp]> = [
  [
    "not-yet-valid",
    /(?<!or is )not yet valid|not activated|CERT_NOT_YET_VALID|NotValidYet|current time \S+ is before/i,
  ],
  ["expired", /certificate (?:has )?expired|CERT_HAS_EXPIRED|\bExpired\b/i],
  [
    "other-name",
    /does not match target host|no alternative certificate subject name|ALTNAME_INVALID|NotValidForName|certificate is (?:not )?valid for|doesn't contain any IP SANs/i,
  ],
  [
    "unknown-authority",
    /unable to get (?:local )?issuer|unable to verify the first|self[- ]signed certificate|unknown authority|UnknownIssuer|server certificate verification failed|SSL certificate problem/i,
  ],
]

export const readCertificateProblem = (text: string): CertificateProblem | null =>
  words.find(([, pattern]) => pattern.test(text))?.[0] ?? null

const lookMs = 10_000

/** Of a certificate that is not taken. What is wrong with none of these is wrong with who has signed it. */
const problemOf = (host: string, certificate: PeerCertificate, now: number): CertificateProblem => {
  if (Date.parse(certificate.valid_from) > now) return "not-yet-valid"
  if (Date.parse(certificate.valid_to) < now) return "expired"
  return checkServerIdentity(host, certificate) === undefined ? "unknown-authority" : "other-name"
}

/**
 * Git of Debian says of an expired certificate what it says of an unknown authority, and Deno of every certificate. So the
 * host is asked once more, by the same way, for nothing but its certificate, and nothing is told to it.
 */
const look = async (
  space: BuildSpace,
  url: GitUrl,
  signal: AbortSignal,
): Promise<CertificateProblem | null> => {
  const { hostname, port } = new URL(url.href)
  const host = hostname.replace(/^\[|\]$/g, "")
  const socket = await space.egress.connect({ host, port: port === "" ? 443 : Number(port) })
  const name = /[:]|^[\d.]+$/.test(host) ? {} : { servername: host }
  return await new Promise((resolve) => {
    const tls = connect({ socket, host, ...name, rejectUnauthorized: false })
    const ended = (problem: CertificateProblem | null) => {
      socket.destroy()
      resolve(problem)
    }
    signal.addEventListener("abort", () => ended(null), { once: true })
    tls.once("secureConnect", () => ended(problemOf(host, tls.getPeerCertificate(), Date.now())))
    tls.once("close", () => ended(null))
    tls.once("error", () => ended(null))
  })
}

/** What is wrong with the host's certificate, by what a program said of it; null where it said nothing of that. */
export const certificateProblem = (
  space: BuildSpace,
  url: GitUrl,
  said: string,
): Effect.Effect<CertificateProblem | null> => {
  const first = readCertificateProblem(said)
  if (first !== "unknown-authority" || url.protocol !== "https") return Effect.succeed(first)
  return Effect.promise((signal) =>
    look(space, url, AbortSignal.any([signal, AbortSignal.timeout(lookMs)])).catch(() => null),
  ).pipe(Effect.map((second) => second ?? first))
}
