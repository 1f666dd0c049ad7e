import { createHash } from "node:crypto"
import { defaultUser } from "./baseLayer.ts"
import type { StorePath } from "./StorePath.ts"

export const manifestType = "application/vnd.oci.image.manifest.v1+json"
export const configType = "application/vnd.oci.image.config.v1+json"
/** Not compressed: the digest of a layer is also its diff id, and no gzip implementation has a part in it. */
export const layerType = "application/vnd.oci.image.layer.v1.tar"
export const blobType = "application/octet-stream"

/** Docker's manifests have another type than OCI's, and say so; engines believe neither without the other. */
export const manifestTypeOf = (manifest: string): string => {
  const { mediaType } = JSON.parse(manifest) as { mediaType?: string }
  return mediaType ?? manifestType
}

/** Everything that an image's configuration depends on besides its layers. */
export interface ImageSettings {
  /** An absolute path in the closure, and arguments. */
  readonly command: ReadonlyArray<string>
  /** Numeric, `uid:gid`. */
  readonly user?: string
  readonly workingDirectory?: string
  /** The TCP port it listens on, for who reads the image; nothing else follows from it. */
  readonly port?: number
  readonly labels?: Readonly<Record<string, string>>
  /** Go's name of the processor. */
  readonly architecture?: "amd64" | "arm64"
}

export interface LayerDescriptor {
  readonly digest: string
  readonly size: number
}

export interface Blob {
  readonly digest: string
  readonly text: string
}

export const digestOf = (bytes: string | Uint8Array): string =>
  `sha256:${createHash("sha256").update(bytes).digest("hex")}`

const created = "1970-01-01T00:00:01Z"

/** nixpkgs' `cacert` and the embedded set's: what OpenSSL and Node look for at a place that the image cannot have. */
const certificates = (closure: ReadonlyArray<StorePath>): ReadonlyArray<string> => {
  const bundle = closure.find(({ name }) => /^(nss-)?cacert(-[\d.]+)?$/.test(name))
  if (bundle === undefined) return []
  const file = `${bundle.path}/etc/ssl/certs/ca-bundle.crt`
  return [`SSL_CERT_FILE=${file}`, `NIX_SSL_CERT_FILE=${file}`]
}

const sorted = (record: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))

/** Identifies what `makeImage` makes, apart from the layering. */
export const settingsKey = (top: StorePath, settings: ImageSettings): string =>
  digestOf(
    JSON.stringify([
      top.path,
      settings.command,
      settings.user ?? defaultUser,
      settings.workingDirectory ?? "/",
      settings.port ?? null,
      Object.entries(sorted(settings.labels ?? {})),
      settings.architecture ?? "amd64",
    ]),
  )

/** The configuration and the manifest (OCI image specification 1.0). Equal input gives equal bytes. */
export const makeImage = (
  top: StorePath,
  closure: ReadonlyArray<StorePath>,
  settings: ImageSettings,
  layers: ReadonlyArray<LayerDescriptor>,
): { config: Blob; manifest: Blob } => {
  const configText = JSON.stringify({
    created,
    architecture: settings.architecture ?? "amd64",
    os: "linux",
    config: {
      User: settings.user ?? defaultUser,
      ...(settings.port === undefined ? {} : { ExposedPorts: { [`${settings.port}/tcp`]: {} } }),
      Env: [`PATH=${top.path}/bin`, "HOME=/tmp", ...certificates(closure)],
      Cmd: settings.command,
      WorkingDir: settings.workingDirectory ?? "/",
      Labels: sorted(settings.labels ?? {}),
    },
    rootfs: { type: "layers", diff_ids: layers.map((layer) => layer.digest) },
    history: layers.map((_, index) => ({ created, created_by: `skypanel layer ${index + 1}` })),
  })
  const config = { digest: digestOf(configText), text: configText }
  const manifestText = JSON.stringify({
    schemaVersion: 2,
    mediaType: manifestType,
    config: { mediaType: configType, digest: config.digest, size: Buffer.byteLength(configText) },
    layers: layers.map(({ digest, size }) => ({ mediaType: layerType, digest, size })),
  })
  return { config, manifest: { digest: digestOf(manifestText), text: manifestText } }
}

const inStore = /^\/nix\/store\/([^/]+)(\/|$)/

/** What is wrong with the settings, or null. An image is made by us, but its settings come from a build. */
export const settingsProblem = (closure: ReadonlySet<string>, settings: ImageSettings): string | null => {
  const program = settings.command[0] ?? ""
  const words = settings.command
  if (words.length > 1000 || words.some((word) => word.includes("\0") || word.length > 32_768))
    return "the command is too long"
  if (!closure.has(inStore.exec(program)?.[1] ?? "")) return `the command is not in the closure: ${program}`
  if (!/^\d{1,9}(:\d{1,9})?$/.test(settings.user ?? defaultUser)) return "the user is not numeric"
  const folder = settings.workingDirectory ?? "/"
  if (!/^\/[0-9A-Za-z+._=/-]*$/.test(folder) || /^\/(proc|sys|dev)(\/|$)|(^|\/)\.\.?(\/|$)/.test(folder))
    return "the working directory is not allowed"
  const labels = Object.entries(settings.labels ?? {})
  if (labels.length > 100 || labels.some(([key, value]) => key.length + value.length > 4096))
    return "the labels are too long"
  return null
}
