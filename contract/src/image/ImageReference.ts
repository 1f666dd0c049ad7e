import { Result, Schema } from "effect"
import { isPublicHost } from "../GitUrl.ts"

/** A name of 255 characters, a tag of 128 and a digest. */
export const imageReferenceMax = 512

/** An image of a registry, as Docker reads references: short names are Docker Hub's. */
export interface ImageReference {
  /** Host, and port where it has one; Docker Hub is `docker.io`. */
  readonly registry: string
  readonly repository: string
  /** Null only where there is a digest. */
  readonly tag: string | null
  /** What it has to be; the tag is only a name then. */
  readonly digest: string | null
}

export class ImageReferenceRefused extends Schema.TaggedError<ImageReferenceRefused>()(
  "ImageReferenceRefused",
  {
    reason: Schema.String,
  },
) {}

export interface ImageReferencePolicy {
  /** Registries on loopback and private addresses: for development only. */
  readonly allowPrivate: boolean
}

export const dockerHub = "docker.io"

const hostForm =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*|\[[0-9A-Fa-f:.]{2,45}\])(?::([1-9][0-9]{0,4}))?$/
const pathForm = /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*$/
const tagForm = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/
const digestForm = /^sha256:[0-9a-f]{64}$/

const refuse = (reason: string) => Result.fail(new ImageReferenceRefused({ reason }))

/** The first part is a host only if it looks like one: `library/nginx` is a path. */
const splitRegistry = (name: string): readonly [registry: string, path: string] => {
  const slash = name.indexOf("/")
  const first = slash < 0 ? "" : name.slice(0, slash)
  const isHost = /[.:]/.test(first) || first === "localhost"
  if (!isHost) return [dockerHub, name]
  const rest = name.slice(slash + 1)
  return /^(?:(?:index|registry-1|www)\.)?docker\.io$/i.test(first)
    ? [dockerHub, rest]
    : [first.toLowerCase(), rest]
}

const registryProblem = (registry: string, { allowPrivate }: ImageReferencePolicy): string | null => {
  const match = hostForm.exec(registry)
  if (
    match === null ||
    registry.length > 253 ||
    Number(match[1] ?? 1) > 65_535 ||
    !URL.canParse(`https://${registry}`)
  )
    return "the registry's name is no host"
  if (!allowPrivate && !isPublicHost(registry))
    return "the registry is a public host; loopback and private addresses are not allowed here"
  return null
}

/** Decides by the text alone; a public name may still lead to a private address, which the fetch itself refuses. */
export const parseImageReference = (
  text: string,
  policy: ImageReferencePolicy,
): Result.Result<ImageReference, ImageReferenceRefused> => {
  if (text.length > imageReferenceMax)
    return refuse(`a reference has at most ${imageReferenceMax} characters`)
  if (text.includes("://")) return refuse("a reference has no scheme: write host/path:tag")
  const at = text.indexOf("@")
  const digest = at < 0 ? null : text.slice(at + 1)
  if (digest !== null && !digestForm.test(digest))
    return refuse("a digest is sha256: and 64 hexadecimal digits in lower case")
  const named = at < 0 ? text : text.slice(0, at)
  const colon = named.lastIndexOf(":")
  const tagged = colon > named.lastIndexOf("/")
  const tag = tagged ? named.slice(colon + 1) : null
  if (tag !== null && !tagForm.test(tag))
    return refuse("a tag is at most 128 letters, digits, dots, hyphens or _")
  const [registry, path] = splitRegistry(tagged ? named.slice(0, colon) : named)
  const problem = registryProblem(registry, policy)
  if (problem !== null) return refuse(problem)
  const repository = registry === dockerHub && !path.includes("/") ? `library/${path}` : path
  if (`${registry}/${repository}`.length > 255) return refuse("an image's name has at most 255 characters")
  if (!repository.split("/").every((part) => pathForm.test(part)))
    return refuse("an image's name is lower-case letters and digits, with . _ or - between them")
  return Result.succeed({ registry, repository, tag: tag ?? (digest === null ? "latest" : null), digest })
}

/** The whole of it, with nothing left to guess. */
export const formatImageReference = ({ registry, repository, tag, digest }: ImageReference): string =>
  `${registry}/${repository}${tag === null ? "" : `:${tag}`}${digest === null ? "" : `@${digest}`}`

/** Where it answers: Docker Hub's is another host than its name. */
export const registryHost = (registry: string): string =>
  registry === dockerHub ? "registry-1.docker.io" : registry

/** A registry as a credential names it, such as `ghcr.io`; null when it is none that there may be. */
export const parseRegistry = (text: string, policy: ImageReferencePolicy): string | null => {
  const reference = parseImageReference(`${text.trim()}/x`, policy)
  // Without a dot it would be read as the first part of a path.
  if (
    Result.isFailure(reference) ||
    reference.success.repository !== (/^(?:.*\.)?docker\.io$/i.test(text.trim()) ? "library/x" : "x")
  )
    return null
  return reference.success.registry
}
