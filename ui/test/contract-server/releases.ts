import type { ReleaseComparison, ReleasePackages } from "@skypanel/contract/ReleaseComparison"
import type { Envelope, Sbom } from "@skypanel/contract/Sbom"

const MiB = 2 ** 20
const nodejs = (release: number) => ({ version: `22.${10 + release}.0`, bytes: (100 + release) * MiB })

/** Of every fake release: Node.js is a version newer with each. */
export const packagesOf = (release: number): ReleasePackages => ({
  release,
  bytes: nodejs(release).bytes + 31 * MiB,
  packages: [
    { name: "app", version: null, bytes: MiB, paths: 1 },
    { name: "glibc", version: "2.40-66", bytes: 30 * MiB, paths: 2 },
    { name: "nodejs", ...nodejs(release), paths: 1 },
  ],
})

const side = (release: number) => ({ versions: [nodejs(release).version], bytes: nodejs(release).bytes })

export const comparisonOf = (before: number, after: number): ReleaseComparison => ({
  before,
  after,
  configuration:
    before === after ? [] : [{ field: "environment", variable: "LOG_LEVEL", before: null, after: "debug" }],
  closure: {
    bytesBefore: packagesOf(before).bytes,
    bytesAfter: packagesOf(after).bytes,
    packages: before === after ? [] : [{ name: "nodejs", before: side(before), after: side(after) }],
    rebuilt: before === after ? 0 : 1,
  },
})

export const sbomOf = (service: string, release: number): Sbom => ({
  $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
  bomFormat: "CycloneDX",
  specVersion: "1.6",
  serialNumber: `urn:uuid:00000000-0000-8000-8000-${String(release).padStart(12, "0")}`,
  version: 1,
  metadata: {
    timestamp: new Date(0).toISOString(),
    tools: { components: [] },
    component: { type: "container", "bom-ref": "release", name: service, hashes: [], properties: [] },
  },
  components: [],
  dependencies: [],
})

export const provenance: Envelope = {
  payloadType: "application/vnd.in-toto+json",
  payload: "e30=",
  signatures: [],
}
