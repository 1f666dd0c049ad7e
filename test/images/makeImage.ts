import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { gzipSync } from "node:zlib"
import type { ImageOfBlobs, LayerFile } from "../../agent/src/builder/image/UploadImage.ts"

export const digestOf = (bytes: string | Uint8Array): string =>
  `sha256:${createHash("sha256").update(bytes).digest("hex")}`

export type Files = Readonly<Record<string, string | Uint8Array>>

/** An image of files as another program would make it, its layers compressed with gzip, in a folder. */
export const makeImage = (
  folder: string,
  layers: ReadonlyArray<Files>,
  config: Readonly<Record<string, unknown>> = {},
  kind: "oci" | "docker" = "oci",
): ImageOfBlobs<LayerFile> => {
  const made = layers.map((files, index) => {
    const tree = join(folder, `tree-${index}`)
    for (const [name, contents] of Object.entries(files)) {
      mkdirSync(dirname(join(tree, name)), { recursive: true })
      writeFileSync(join(tree, name), contents, { mode: 0o755 })
    }
    const sorted = ["--sort=name", "--mtime=@1", "--owner=0", "--group=0", "--numeric-owner"]
    const tar = execFileSync("tar", ["--create", ...sorted, "--directory", tree, "."], { maxBuffer: 2 ** 30 })
    const blob = gzipSync(tar)
    const file = join(folder, `layer-${index}.tar.gz`)
    writeFileSync(file, blob)
    return {
      digest: digestOf(blob),
      size: blob.length,
      file,
      diffId: digestOf(tar),
      unpackedBytes: tar.length,
    }
  })
  const configText = JSON.stringify({
    architecture: process.arch === "arm64" ? "arm64" : "amd64",
    os: "linux",
    config,
    rootfs: { type: "layers", diff_ids: made.map(({ diffId }) => diffId) },
  })
  const types =
    kind === "oci"
      ? {
          manifest: "application/vnd.oci.image.manifest.v1+json",
          config: "application/vnd.oci.image.config.v1+json",
          layer: "application/vnd.oci.image.layer.v1.tar+gzip",
        }
      : {
          manifest: "application/vnd.docker.distribution.manifest.v2+json",
          config: "application/vnd.docker.container.image.v1+json",
          layer: "application/vnd.docker.image.rootfs.diff.tar.gzip",
        }
  const manifest = JSON.stringify(
    {
      schemaVersion: 2,
      mediaType: types.manifest,
      config: { mediaType: types.config, digest: digestOf(configText), size: Buffer.byteLength(configText) },
      layers: made.map(({ digest, size }) => ({ mediaType: types.layer, digest, size })),
    },
    null,
    // As others write it: not as we would.
    3,
  )
  return {
    manifest,
    config: configText,
    layers: made,
  }
}

/** The image as `skopeo` has it in a folder. */
export const writeImage = (folder: string, image: ImageOfBlobs<LayerFile>): string => {
  const to = join(folder, "dir")
  mkdirSync(to)
  writeFileSync(join(to, "version"), "Directory Transport Version: 1.1\n")
  writeFileSync(join(to, "manifest.json"), image.manifest)
  writeFileSync(join(to, digestOf(image.config).slice(7)), image.config)
  for (const { digest, file } of image.layers) copyFileSync(file, join(to, digest.slice(7)))
  return to
}
