import { createHash } from "node:crypto"
import type { Sbom } from "@skypanel/contract/Sbom"
import { packageOf } from "./packageName.ts"

/** A store path, with the SHA-256 of its NAR in hexadecimal. */
export interface SbomPath {
  /** `<hash>-<name>` */
  readonly base: string
  readonly narHash: string
  readonly narSize: number
  readonly references: ReadonlyArray<string>
}

export interface SbomRelease {
  readonly service: string
  readonly number: number
  readonly imageDigest: string
  /** The store path at the top, `<hash>-<name>`. */
  readonly top: string
  readonly createdAt: string
}

const sha256 = (content: string) => ({ alg: "SHA-256" as const, content })

/** As RFC 4122 writes a name-based UUID, so that the same release has the same serial number for ever. */
const uuidOf = (name: string): string => {
  const digest = createHash("sha256").update(name).digest().subarray(0, 16)
  digest[6] = (digest[6]! & 0x0f) | 0x80
  digest[8] = (digest[8]! & 0x3f) | 0x80
  return digest.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")
}

/** Everything but unreserved characters is written in percent, as a package URL wants it. */
const encoded = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)

const purlOf = (name: string, version: string | null) =>
  `pkg:nix/${encoded(name)}${version === null ? "" : `@${encoded(version)}`}`

const componentOf = ({ base, narHash, narSize }: SbomPath): Sbom["components"][number] => {
  const { name, version } = packageOf(base.slice(33))
  return {
    type: "library",
    "bom-ref": base,
    name,
    ...(version === null ? {} : { version }),
    hashes: [sha256(narHash)],
    purl: purlOf(name, version),
    properties: [
      { name: "nix:store_path", value: `/nix/store/${base}` },
      { name: "nix:nar_size", value: String(narSize) },
    ],
  }
}

const sorted = (texts: ReadonlyArray<string>) => Array.from(new Set(texts)).sort()

/**
 * CycloneDX 1.6 from a closure: a component for each store path, the hashes of their NARs, and who refers to whom. It
 * depends on nothing but the release.
 */
export const sbomOf = (release: SbomRelease, closure: ReadonlyArray<SbomPath>): Sbom => {
  const paths = closure.toSorted((one, other) => (one.base < other.base ? -1 : 1))
  const root = `release:${release.imageDigest}`
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: `urn:uuid:${uuidOf(`${release.service} ${release.number} ${release.imageDigest}`)}`,
    version: 1,
    metadata: {
      timestamp: release.createdAt,
      tools: { components: [{ type: "application", name: "skypanel" }] },
      component: {
        type: "container",
        "bom-ref": root,
        name: release.service,
        version: String(release.number),
        hashes: [sha256(release.imageDigest.replace("sha256:", ""))],
        properties: [{ name: "nix:store_path", value: `/nix/store/${release.top}` }],
      },
    },
    components: paths.map(componentOf),
    dependencies: [
      { ref: root, dependsOn: [release.top] },
      ...paths.map(({ base, references }) => ({
        ref: base,
        dependsOn: sorted(references.filter((reference) => reference !== base)),
      })),
    ],
  }
}
