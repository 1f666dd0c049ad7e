import { createPublicKey, verify } from "node:crypto"
import { describe, expect, it } from "vitest"
import { preAuthentication, publicSigningKey, signStatement, statementOf } from "./provenance.ts"
import { generateSecretKey, parseSecretKey } from "./signature.ts"

const key = parseSecretKey(generateSecretKey("platform-1"))!
const git = { _tag: "git", url: "https://git.example.org/a.git", ref: "main" } as const
const provenance = {
  repository: "org_1/svc_1",
  imageDigest: `sha256:${"cd".repeat(32)}`,
  storePath: "/nix/store/x",
  source: git,
  revision: "abc",
  recognisedAs: null,
  learned: [],
  build: null,
} as const

describe("a provenance statement", () => {
  it("names the image, the source's revision and who built it", () => {
    const statement = statementOf(provenance, "https://panel.example.org")
    expect(statement.subject).toEqual([{ name: "org_1/svc_1", digest: { sha256: "cd".repeat(32) } }])
    expect(statement.predicate.buildDefinition.resolvedDependencies).toEqual([
      { uri: "git+https://git.example.org/a.git@main", digest: { gitCommit: "abc" } },
    ])
    expect(statement.predicate.runDetails.builder.id).toBe("https://panel.example.org/builders/v1")
  })

  it("names what was fetched without a hash in a lock file, by the hash that was learned", () => {
    const lock = `sha256:${"ab".repeat(32)}`
    const bytes = (size: number) => Buffer.alloc(size, 7)
    const learned = [
      { kind: "go-modules", subject: "go.sum", lock, hash: `sha256-${bytes(32).toString("base64")}` },
      { kind: "yarn-archive", subject: "a 1", lock, hash: `sha512-${bytes(64).toString("base64")}` },
    ] as const
    const { predicate } = statementOf({ ...provenance, learned }, "https://panel.example.org")
    expect(predicate.buildDefinition.resolvedDependencies.slice(1)).toEqual([
      {
        name: "go.sum",
        digest: { narSha256: "07".repeat(32) },
        annotations: { kind: "go-modules", lock, learned: true },
      },
      expect.objectContaining({ name: "a 1", digest: { sha512: "07".repeat(64) } }),
    ])
  })

  it("names an expression by its digest, and does not give it away", () => {
    const source = { _tag: "expression", expression: "{ secret = 1; }" } as const
    const text = JSON.stringify(statementOf({ ...provenance, source }, "https://panel.example.org"))
    expect(text).not.toContain("secret")
  })

  it("is verified with the published key alone, and not when a byte of it changed", () => {
    const envelope = signStatement(statementOf(provenance, "https://panel.example.org"), key)
    const published = publicSigningKey(key)
    const holds = (payload: Buffer) =>
      verify(
        null,
        preAuthentication(envelope.payloadType, payload),
        createPublicKey(published.pem),
        Buffer.from(envelope.signatures[0]!.sig, "base64"),
      )
    const payload = Buffer.from(envelope.payload, "base64")
    expect(envelope.signatures[0]!.keyid).toBe(published.keyid)
    expect(holds(payload)).toBe(true)
    payload[10]! ^= 1
    expect(holds(payload)).toBe(false)
  })

  it("is signed as DSSE says", () =>
    expect(preAuthentication("http://example.com/HelloWorld", Buffer.from("hello world")).toString()).toBe(
      "DSSEv1 29 http://example.com/HelloWorld 11 hello world",
    ))
})
