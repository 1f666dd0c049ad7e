import { createHash } from "node:crypto"
import { imageTextMaxBytes } from "@skypanel/contract/image/ImageListing"
import type { ImageReference } from "@skypanel/contract/image/ImageReference"
import {
  decodeConfig,
  decodeIndex,
  decodeManifest,
  indexTypes,
  manifestTypes,
  type OciConfig,
  type OciIndex,
  type OciManifest,
} from "@skypanel/contract/image/OciImage"
import { Data, Result } from "effect"
import type { Registry } from "./Registry.ts"
import { RegistryFailed, readText } from "./RegistryRequest.ts"

/** What the registry gave is no image that can be run here. */
export class ImageUnfit extends Data.TaggedError("ImageUnfit")<{
  readonly code: "image-not-for-platform" | "image-too-large" | "image-damaged"
  readonly detail: string
}> {}

export interface ResolvedImage {
  /** What the reference leads to: of an index where it is one, so that a newer one is known by it. */
  readonly digest: string
  readonly manifestText: string
  readonly manifest: OciManifest
  readonly configText: string
  readonly config: OciConfig
}

export type Architecture = "amd64" | "arm64"

export const digestOf = (bytes: string | Uint8Array): string =>
  `sha256:${createHash("sha256").update(bytes).digest("hex")}`

const damaged = (detail: string) => new ImageUnfit({ code: "image-damaged", detail })
const digestForm = /^sha256:[0-9a-f]{64}$/

const accept = [...manifestTypes, ...indexTypes].join(", ")

/** Its text, which has to be what the digest says, or what the registry says that it is. */
const getManifest = async (registry: Registry, reference: string, signal: AbortSignal) => {
  const answer = await registry.get(`manifests/${reference}`, { accept }, signal)
  const text = await readText(answer, imageTextMaxBytes)
  const digest = digestOf(text)
  const told = answer.headers["docker-content-digest"]
  if (digestForm.test(reference) ? digest !== reference : told !== undefined && told !== digest)
    throw damaged("The manifest is not what its digest says.")
  return { text, digest }
}

const isIndex = (text: string): boolean => {
  try {
    return Array.isArray((JSON.parse(text) as { manifests?: unknown } | null)?.manifests)
  } catch {
    throw new RegistryFailed({ detail: "its manifest is no JSON", again: false })
  }
}

const platformOf = ({ platform }: OciIndex["manifests"][number]) =>
  platform === undefined ? "unknown" : [platform.os, platform.architecture].join("/")

/** The manifest for this processor; an entry that is an index itself leads nowhere. */
const choose = (index: OciIndex, architecture: Architecture): string => {
  const found = index.manifests.find(
    (each) =>
      platformOf(each) === `linux/${architecture}` &&
      (each.mediaType === undefined || manifestTypes.some((type) => type === each.mediaType)),
  )
  if (found === undefined) {
    const there = [...new Set(index.manifests.map(platformOf))].filter((each) => !each.includes("unknown"))
    throw new ImageUnfit({
      code: "image-not-for-platform",
      detail: `It is for ${there.slice(0, 20).join(", ") || "nothing that is known"}, not for linux/${architecture}.`,
    })
  }
  if (!digestForm.test(found.digest)) throw damaged("The index has a digest that is not a SHA-256.")
  return found.digest
}

const read = <A>(result: Result.Result<A, unknown>, what: string): A => {
  if (Result.isFailure(result)) throw new RegistryFailed({ detail: what, again: false })
  return result.success
}

/**
 * Only what a tag leads to: nothing is fetched, as registries count who fetches manifests, but from one that does not say
 * what it would give. Whoever fetches that digest sees whether it was true.
 */
export const resolveDigest = async (
  registry: Registry,
  { tag, digest }: ImageReference,
  signal: AbortSignal,
): Promise<string> => {
  if (digest !== null) return digest
  const name = tag ?? "latest"
  const told = (await registry.head(`manifests/${name}`, { accept }, signal))?.["docker-content-digest"]
  return typeof told === "string" && digestForm.test(told)
    ? told
    : (await getManifest(registry, name, signal)).digest
}

/** Finds the image for this processor, with everything of it but its layers. */
export const resolveImage = async (
  registry: Registry,
  { tag, digest }: ImageReference,
  architecture: Architecture,
  signal: AbortSignal,
): Promise<ResolvedImage> => {
  const first = await getManifest(registry, digest ?? tag ?? "latest", signal)
  const index = isIndex(first.text)
    ? read(decodeIndex(first.text), "its index is none that is understood")
    : null
  const { text } = index === null ? first : await getManifest(registry, choose(index, architecture), signal)
  if (isIndex(text)) throw damaged("Its index leads to another index.")
  const manifest = read(decodeManifest(text), "its manifest is none of an image that Docker runs on Linux")
  const answer = await registry.get(`blobs/${manifest.config.digest}`, {}, signal)
  const configText = await readText(answer, imageTextMaxBytes)
  if (
    digestOf(configText) !== manifest.config.digest ||
    Buffer.byteLength(configText) !== manifest.config.size
  )
    throw damaged("The configuration is not what its digest says.")
  const config = read(decodeConfig(configText), "its configuration is none of an image")
  if (config.os !== "linux" || config.architecture !== architecture)
    throw new ImageUnfit({
      code: "image-not-for-platform",
      detail: `It is for ${config.os}/${config.architecture}, not for linux/${architecture}.`,
    })
  if (config.rootfs.diff_ids.length !== manifest.layers.length)
    throw damaged("Its configuration tells of another number of layers than its manifest.")
  return { digest: first.digest, manifestText: text, manifest, configText, config }
}
