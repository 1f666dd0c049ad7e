import { statSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { usePostgres } from "../../../test/lab/fixtures.ts"
import { type ArtifactServer, startArtifactServer, uploadToken } from "../../test/artifactServer.ts"
import { makeNixStore } from "../../test/nixStore.ts"
import { fingerprint, parseNarInfo } from "../domain/artifacts/narInfo.ts"
import { verifyFingerprint } from "../domain/artifacts/signature.ts"
import { ArtifactStore } from "./ArtifactStore.ts"
import { CacheCredential } from "./CacheCredential.ts"

const postgres = usePostgres()
const nix = makeNixStore()
let server: ArtifactServer
let library: string
let application: string
let basic: string
let withPassword: string

const hashOf = (path: string) => path.slice("/nix/store/".length, "/nix/store/".length + 32)
const get = (path: string, headers: Record<string, string> = {}, method = "GET") =>
  fetch(`${server.url}/cache/${path}`, { method, headers: { Authorization: basic, ...headers } })
const narInfoOf = async (path: string) => parseNarInfo(await (await get(`${hashOf(path)}.narinfo`)).text())

beforeAll(async () => {
  server = await startArtifactServer(await postgres().database())
  const { credential } = await server.runtime.runPromise(Effect.flatMap(CacheCredential, Effect.succeed))
  basic = `Basic ${Buffer.from(`${credential.username}:${credential.password}`).toString("base64")}`
  withPassword = server.url.replace("//", `//${credential.username}:${credential.password}@`)
  library = await nix.add("library-1.0", { "lib/a": "a".repeat(100_000), "bin/tool": "#!/bin/sh\n" })
  application = await nix.write("application", "uses ", [library])
  await nix.copyTo(`${server.pushUrl}?compression=zstd`, application)
})
afterAll(async () => {
  await server.close()
  nix.remove()
})

describe("nix copy to the platform", () => {
  it("stores each path once, signed, with its references", async () => {
    const info = await narInfoOf(application)
    expect(info.storePath.path).toBe(application)
    expect(info.references.map((reference) => reference.path)).toEqual([library])
    const { publicKey } = await server.runtime.runPromise(Effect.flatMap(ArtifactStore, Effect.succeed))
    expect(info.signatures).toHaveLength(1)
    expect(verifyFingerprint(publicKey, fingerprint(info), info.signatures[0]!)).toBe(true)
    const file = join(
      server.dataFolder,
      "artifacts/nar",
      info.fileHash.slice(0, 2),
      `${info.fileHash}.nar.zst`,
    )
    expect(statSync(file).size).toBe(info.fileSize)
  })

  it("agrees with Nix on hash and size", async () => {
    const [theirs] = JSON.parse(await nix.nix("path-info", "--json", library))
    const info = await narInfoOf(library)
    expect(`sha256-${Buffer.from(info.narHash, "hex").toString("base64")}`).toBe(theirs.narHash)
    expect(info.narSize).toBe(theirs.narSize)
  })

  it("sends nothing a second time", async () => {
    server.requests.length = 0
    await nix.copyTo(`${server.pushUrl}?compression=zstd&want-mass-query=true`, application)
    expect(server.requests.filter((request) => !request.startsWith("GET"))).toEqual([])
  })

  it("needs a token that may upload", async () => {
    const url = server.pushUrl.replace(uploadToken, "bld_other.token")
    const refused = "does not appear to be a binary cache"
    await expect(nix.copyTo(`${url}?compression=zstd`, application)).rejects.toThrow(refused)
    for (const method of ["GET", "PUT"])
      expect((await fetch(`${url}/${hashOf(library)}.narinfo`, { method })).status).toBe(401)
  })

  it("says how when the compression is another", async () => {
    const other = await nix.add("other", { file: "other" })
    await expect(nix.copyTo(`${server.pushUrl}?compression=xz`, other)).rejects.toThrow("compression=zstd")
  })
})

describe("nix copy from the platform", () => {
  it("is trusted by the platform's key, and by no other", async () => {
    const { publicKey } = await server.runtime.runPromise(Effect.flatMap(ArtifactStore, Effect.succeed))
    const copy = async (key: string) => {
      const other = makeNixStore()
      try {
        const trust = ["--option", "require-sigs", "true", "--option", "trusted-public-keys", key]
        await other.nix("copy", "--from", `${withPassword}/cache`, application, ...trust)
        return await other.nix("store", "verify", "--recursive", "--sigs-needed", "1", application, ...trust)
      } finally {
        other.remove()
      }
    }
    await copy(publicKey)
    const [name] = publicKey.split(":")
    await expect(copy(`${name}:${Buffer.alloc(32, 1).toString("base64")}`)).rejects.toThrow("signature")
  })

  it("needs the credential", async () => {
    const answer = await get("nix-cache-info", { Authorization: "" })
    expect(answer.status).toBe(401)
    expect(answer.headers.get("WWW-Authenticate")).toMatch(/^Basic/)
    expect((await get("nix-cache-info", { Authorization: "Basic Y2FjaGU6eA==" })).status).toBe(401)
  })

  it("takes up a broken download again", async () => {
    const { fileSize, fileHash } = await narInfoOf(library)
    const url = /URL: (.*)/.exec(await (await get(`${hashOf(library)}.narinfo`)).text())![1]!
    const whole = Buffer.from(await (await get(url)).arrayBuffer())
    expect(whole.length).toBe(fileSize)
    const rest = await get(url, { Range: "bytes=10-" })
    expect(rest.status).toBe(206)
    expect(rest.headers.get("Content-Range")).toBe(`bytes 10-${fileSize - 1}/${fileSize}`)
    expect(Buffer.from(await rest.arrayBuffer()).equals(whole.subarray(10))).toBe(true)
    expect((await get(url, { Range: `bytes=${fileSize}-` })).status).toBe(416)
    expect((await get(url, { "If-None-Match": `"${fileHash}"` })).status).toBe(304)
    const head = await get(url, {}, "HEAD")
    expect(head.headers.get("Content-Length")).toBe(String(fileSize))
  })

  it("has nothing else", async () => {
    for (const path of [`${"0".repeat(32)}.narinfo`, `nar/${"0".repeat(52)}.nar.zst`, "nar/../x", "x", ""])
      expect((await get(path)).status).toBe(404)
    expect((await get(`${hashOf(library)}.narinfo`, {}, "PUT")).status).toBe(405)
  })
})
