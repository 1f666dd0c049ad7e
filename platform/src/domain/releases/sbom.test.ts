import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import Ajv from "ajv"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type SbomPath, sbomOf } from "./sbom.ts"

/** CycloneDX' own schemas, without their formats: those are of fields that we do not write. */
const library = dirname(createRequire(import.meta.url).resolve("@cyclonedx/cyclonedx-library/package.json"))
const schema = (name: string) =>
  JSON.parse(readFileSync(join(library, "res/schema", `${name}.SNAPSHOT.schema.json`), "utf8"))
const referred = ["spdx", "jsf-0.82", "cryptography-defs"]
const ajv = new Ajv.default({
  validateFormats: false,
  strict: false,
  schemas: Object.fromEntries(
    referred.map((name) => [`http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`, schema(name)]),
  ),
})
const isValid = ajv.compile(schema("bom-1.6"))
const problems = (bom: unknown) => (isValid(bom) ? [] : isValid.errors)

const path = (name: string, references: ReadonlyArray<string> = []): SbomPath => ({
  base: `${"0".repeat(32)}-${name}`,
  narHash: "ab".repeat(32),
  narSize: 5,
  references: references.map((reference) => `${"0".repeat(32)}-${reference}`),
})
const release = {
  service: "web",
  number: 3,
  imageDigest: `sha256:${"cd".repeat(32)}`,
  top: path("app-1").base,
  createdAt: "2026-11-26T00:00:00.000Z",
}

describe("a bill of materials", () => {
  const closure = [
    path("app-1", ["app-1", "zlib-1.3", "libc++-2.0"]),
    path("zlib-1.3"),
    path("libc++-2.0"),
    path("files"),
  ]

  it("is what CycloneDX 1.6 wants", () => expect(problems(sbomOf(release, closure))).toEqual([]))

  it("is not what it wants when a field is wrong: the schema is at work", () =>
    expect(problems({ ...sbomOf(release, closure), bomFormat: "other" })).not.toEqual([]))

  it("names each path with its hash, and who refers to whom but not to itself", () => {
    const bom = sbomOf(release, closure)
    expect(bom.components.map(({ purl }) => purl)).toEqual([
      "pkg:nix/app@1",
      "pkg:nix/files",
      "pkg:nix/libc%2B%2B@2.0",
      "pkg:nix/zlib@1.3",
    ])
    expect(bom.components[0]!.hashes).toEqual([{ alg: "SHA-256", content: "ab".repeat(32) }])
    expect(bom.dependencies.find(({ ref }) => ref === release.top)?.dependsOn).toEqual([
      path("libc++-2.0").base,
      path("zlib-1.3").base,
    ])
  })

  it("is the same whatever order the closure comes in, and valid whatever the names are", () => {
    const name = fc.string({ unit: fc.constantFrom(..."aZ09+-._?="), minLength: 1, maxLength: 20 })
    const names = fc.uniqueArray(name, { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(names, (all) => {
        const paths = all.map((one) => path(one, all))
        const bom = sbomOf(release, paths)
        expect(JSON.stringify(sbomOf(release, paths.toReversed()))).toBe(JSON.stringify(bom))
        expect(problems(bom)).toEqual([])
      }),
      { numRuns: 50 },
    )
  })
})
