import { createHash, createPublicKey, sign } from "node:crypto"
import type { LearnedHash } from "@skypanel/contract/LearnedHash"
import type { Envelope, PublicSigningKey } from "@skypanel/contract/Sbom"
import type { Source } from "@skypanel/contract/Source"
import type { SecretKey } from "./signature.ts"

const payloadType = "application/vnd.in-toto+json"

export interface Provenance {
  /** The registry's name of the service's images. */
  readonly repository: string
  readonly imageDigest: string
  readonly storePath: string
  readonly source: Source
  readonly revision: string | null
  readonly recognisedAs: string | null
  /** What its lock files have no hash of. */
  readonly learned: ReadonlyArray<LearnedHash>
  /** The build that made it; null when its record is gone. */
  readonly build: {
    readonly id: string
    readonly startedAt: string
    readonly finishedAt: string
  } | null
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex")

/** In-toto's digests are hexadecimal, and Nix' hash is of an archive of its own. */
const learnedMaterial = ({ hash, kind, lock, subject }: LearnedHash) => {
  const [algorithm, base64 = ""] = hash.split("-")
  const named = algorithm === "sha512" ? "sha512" : "narSha256"
  return {
    name: subject,
    digest: { [named]: Buffer.from(base64, "base64").toString("hex") },
    annotations: { kind, lock, learned: true },
  }
}

/** What went into the build, as far as it can be named by a digest. */
const sources = ({ source, revision }: Provenance) => {
  if (source._tag === "git")
    return [
      {
        uri: `git+${source.url}${source.ref === null ? "" : `@${source.ref}`}`,
        ...(revision === null ? {} : { digest: { gitCommit: revision } }),
      },
    ]
  if (source._tag === "image")
    return [
      {
        uri: `docker://${source.reference}`,
        ...(revision === null ? {} : { digest: { sha256: revision.replace("sha256:", "") } }),
      },
    ]
  if (source._tag === "expression")
    return [{ name: "expression.nix", digest: { sha256: sha256(source.expression) } }]
  return []
}

/** An expression may be large, and is named by its digest. */
const externalSource = (source: Source) =>
  source._tag === "expression" ? { _tag: "expression", sha256: sha256(source.expression) } : source

/** An in-toto Statement v1 with a SLSA provenance v1 predicate. */
export const statementOf = (provenance: Provenance, publicUrl: string) => {
  const { build, recognisedAs } = provenance
  return {
    _type: "https://in-toto.io/Statement/v1",
    subject: [
      { name: provenance.repository, digest: { sha256: provenance.imageDigest.replace("sha256:", "") } },
    ],
    predicateType: "https://slsa.dev/provenance/v1",
    predicate: {
      buildDefinition: {
        buildType: `${publicUrl}/build-types/nix/v1`,
        externalParameters: { source: externalSource(provenance.source) },
        internalParameters: recognisedAs === null ? {} : { recognisedAs },
        resolvedDependencies: [...sources(provenance), ...provenance.learned.map(learnedMaterial)],
      },
      runDetails: {
        builder: { id: `${publicUrl}/builders/v1` },
        metadata:
          build === null
            ? {}
            : { invocationId: build.id, startedOn: build.startedAt, finishedOn: build.finishedAt },
        byproducts: [{ name: "closure", uri: provenance.storePath }],
      },
    },
  }
}

/** What DSSE signs. It begins like no fingerprint of a store path does, so that one signature is never the other. */
export const preAuthentication = (type: string, payload: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `), payload])

export const signStatement = (statement: object, { name, key }: SecretKey): Envelope => {
  const payload = Buffer.from(JSON.stringify(statement))
  const signature = sign(null, preAuthentication(payloadType, payload), key)
  return {
    payloadType,
    payload: payload.toString("base64"),
    signatures: [{ keyid: name, sig: signature.toString("base64") }],
  }
}

export const publicSigningKey = ({ name, key, publicText }: SecretKey): PublicSigningKey => ({
  keyid: name,
  algorithm: "ed25519",
  nix: publicText,
  pem: createPublicKey(key.export({ type: "pkcs8", format: "pem" }))
    .export({ type: "spki", format: "pem" })
    .toString(),
})
