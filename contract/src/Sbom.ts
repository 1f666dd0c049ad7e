import { Schema } from "effect"

const Hash = Schema.Struct({ alg: Schema.Literal("SHA-256"), content: Schema.String })
const Property = Schema.Struct({ name: Schema.String, value: Schema.String })

const Component = Schema.Struct({
  type: Schema.Literals(["container", "library"]),
  "bom-ref": Schema.String,
  name: Schema.String,
  version: Schema.optionalKey(Schema.String),
  hashes: Schema.Array(Hash),
  purl: Schema.optionalKey(Schema.String),
  properties: Schema.Array(Property),
})

/** A software bill of materials: CycloneDX 1.6, as much of it as a closure tells. */
export const Sbom = Schema.Struct({
  $schema: Schema.Literal("http://cyclonedx.org/schema/bom-1.6.schema.json"),
  bomFormat: Schema.Literal("CycloneDX"),
  specVersion: Schema.Literal("1.6"),
  serialNumber: Schema.String,
  version: Schema.Literal(1),
  metadata: Schema.Struct({
    timestamp: Schema.String,
    tools: Schema.Struct({
      components: Schema.Array(Schema.Struct({ type: Schema.Literal("application"), name: Schema.String })),
    }),
    component: Component,
  }),
  components: Schema.Array(Component),
  dependencies: Schema.Array(Schema.Struct({ ref: Schema.String, dependsOn: Schema.Array(Schema.String) })),
})
export type Sbom = typeof Sbom.Type

/** A signed statement in a DSSE envelope; its payload is an in-toto Statement v1 with a SLSA provenance v1 predicate. */
export const Envelope = Schema.Struct({
  payloadType: Schema.Literal("application/vnd.in-toto+json"),
  /** In base64. */
  payload: Schema.String,
  signatures: Schema.Array(Schema.Struct({ keyid: Schema.String, sig: Schema.String })),
})
export type Envelope = typeof Envelope.Type

/** What verifies the platform's signatures. */
export const PublicSigningKey = Schema.Struct({
  keyid: Schema.String,
  algorithm: Schema.Literal("ed25519"),
  /** As `trusted-public-keys` of Nix takes it. */
  nix: Schema.String,
  /** As OpenSSL takes it. */
  pem: Schema.String,
})
export type PublicSigningKey = typeof PublicSigningKey.Type
