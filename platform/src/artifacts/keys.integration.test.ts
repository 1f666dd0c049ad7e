import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest"
import { usePostgres } from "../../../test/lab/fixtures.ts"
import { until } from "../../../test/lab/until.ts"
import { type ArtifactServer, startArtifactServer } from "../../test/artifactServer.ts"
import { makeNixStore } from "../../test/nixStore.ts"
import { push, treeUpload } from "../../test/upload.ts"
import { file } from "../domain/artifacts/nar.ts"
import { fingerprint } from "../domain/artifacts/narInfo.ts"
import { generateSecretKey, parseSecretKey, verifyFingerprint } from "../domain/artifacts/signature.ts"
import { ArtifactStore } from "./ArtifactStore.ts"
import { SigningKeys } from "./SigningKeys.ts"

const postgres = usePostgres()
const nix = makeNixStore()
let url: string
let dataFolder: string
let server: ArtifactServer

const start = async () => {
  server = await startArtifactServer(url, { dataFolder, openCache: true })
}
const restart = async () => {
  await server.close()
  await start()
}
const keys = () => server.runtime.runPromise(SigningKeys)
const run = <A, E>(of: (keys: SigningKeys["Service"]) => Effect.Effect<A, E>) =>
  server.runtime.runPromise(Effect.flatMap(SigningKeys, of))
const list = () => run((service) => service.list)
const states = async () => (await list()).map(({ name, state }) => `${name} ${state}`)
const rotate = () => run((service) => Effect.andThen(service.rotate, service.refresh))
const retire = (name: string) => run((service) => Effect.andThen(service.retire(name), service.refresh))
const allSigned = () =>
  until("all paths to be signed", async () =>
    (await list()).every(({ unsigned }) => unsigned === 0) ? true : null,
  )
const sql = (text: string) =>
  server.runtime.runPromise(Effect.flatMap(SqlClient.SqlClient, (client) => client.unsafe(text)))
const secrets = () => readdirSync(join(dataFolder, "artifacts/signing-keys")).sort()

/** The names of the keys whose signatures its narinfo has; each signature is right. */
const signersOf = async (hash: string) => {
  const info = (await server.runtime.runPromise(Effect.flatMap(ArtifactStore, (store) => store.find(hash))))!
  const known = await list()
  return info.signatures.map((signature) => {
    const by = known.find(({ publicKey }) => verifyFingerprint(publicKey, fingerprint(info), signature))
    return by?.name
  })
}
const upload = async (name: string) => {
  const made = treeUpload(name, file(name))
  await push(server.pushUrl, made)
  return made.info.storePath.hash
}

beforeEach(async () => {
  url = await postgres().database()
  dataFolder = mkdtempSync(join(tmpdir(), "skypanel-keys-"))
  await start()
})
afterEach(async () => {
  await server.close()
  rmSync(dataFolder, { recursive: true })
})
afterAll(() => nix.remove())

describe("a rotation", () => {
  it("signs what comes with both keys, and what is there in the background", async () => {
    const before = await upload("before")
    expect(await signersOf(before)).toEqual(["skypanel-1"])
    await rotate()
    expect(await states()).toEqual(["skypanel-2 signs", "skypanel-1 overlaps"])
    const after = await upload("after")
    await allSigned()
    for (const hash of [before, after]) expect(await signersOf(hash)).toEqual(["skypanel-1", "skypanel-2"])
    await retire("skypanel-1")
    for (const hash of [before, after]) expect(await signersOf(hash)).toEqual(["skypanel-2"])
    expect(secrets()).toEqual(["skypanel-2"])
  })

  it("leaves Nix what it trusts: either key while both sign, the new one alone afterwards", async () => {
    const path = await nix.add("rotated", { file: "rotated" })
    await nix.copyTo(`${server.pushUrl}?compression=zstd`, path)
    await rotate()
    await allSigned()
    const [second, first] = (await list()).map(({ publicKey }) => publicKey)
    const copy = async (key: string) => {
      const other = makeNixStore()
      const trust = ["--option", "require-sigs", "true", "--option", "trusted-public-keys", key]
      await other.nix("copy", "--from", `${server.url}/cache`, path, ...trust).finally(other.remove)
    }
    await copy(first!)
    await copy(second!)
    await retire("skypanel-1")
    await expect(copy(first!)).rejects.toThrow("signature")
    await copy(second!)
  })

  it("does not end a key that is still needed", async () => {
    await expect(retire("skypanel-1")).rejects.toThrow("is the key that signs")
    await expect(retire("other")).rejects.toThrow("no key")
    await upload("path")
    await run((service) => service.rotate)
    await expect(retire("skypanel-1")).rejects.toThrow("is the key that signs")
    await rotate()
    await allSigned()
    await sql(`delete from store_signature where public_key like 'skypanel-3:%'`)
    await expect(retire("skypanel-1")).rejects.toThrow("1 paths are not signed by skypanel-3 yet")
    await run((service) => service.refresh)
    await allSigned()
    await retire("skypanel-1")
  })

  it("made by several platforms at once makes keys of different names", async () => {
    await Promise.all([rotate(), rotate(), rotate()])
    expect((await list()).map(({ name }) => name)).toEqual([4, 3, 2, 1].map((number) => `skypanel-${number}`))
  })
})

describe("a platform that was killed", () => {
  it("between a new key's file and its row has made the key", async () => {
    const text = generateSecretKey("skypanel-2")
    writeFileSync(join(dataFolder, "artifacts/signing-keys/skypanel-2"), text)
    const hash = await upload("path")
    await restart()
    expect(await states()).toEqual(["skypanel-2 signs", "skypanel-1 overlaps"])
    expect((await list())[0]!.publicKey).toBe(parseSecretKey(text)!.publicText)
    await allSigned()
    expect(await signersOf(hash)).toEqual(["skypanel-1", "skypanel-2"])
  })

  it("between a retirement's row and its file deletes the file", async () => {
    await rotate()
    await allSigned()
    await run((service) => service.retire("skypanel-1"))
    expect(secrets()).toEqual(["skypanel-1", "skypanel-2"])
    await restart()
    expect(secrets()).toEqual(["skypanel-2"])
    expect(await states()).toEqual(["skypanel-2 signs", "skypanel-1 retired"])
  })

  it("while it signed anew goes on with what is missing", async () => {
    const hashes = await Promise.all(Array.from({ length: 20 }, (_, at) => upload(`path-${at}`)))
    await rotate()
    await allSigned()
    await sql(`delete from store_signature where public_key like 'skypanel-2:%' and base > '8'`)
    await restart()
    await allSigned()
    for (const hash of hashes) expect(await signersOf(hash)).toEqual(["skypanel-1", "skypanel-2"])
  })

  it("lost its data folder: makes the next key, and says that the other is lost", async () => {
    await server.close()
    rmSync(join(dataFolder, "artifacts"), { recursive: true })
    await start()
    expect(await states()).toEqual(["skypanel-2 signs", "skypanel-1 lost"])
  })
})

it("takes the one key of earlier versions, with what that has signed", async () => {
  const hash = await upload("old")
  await server.close()
  const key = generateSecretKey("panel-1")
  rmSync(join(dataFolder, "artifacts/signing-keys"), { recursive: true })
  mkdirSync(join(dataFolder, "artifacts"), { recursive: true })
  writeFileSync(join(dataFolder, "artifacts/signing-key"), `${key}\n`)
  url = await postgres().database()
  await start()
  expect(existsSync(join(dataFolder, "artifacts/signing-key"))).toBe(false)
  expect((await keys()).live().map(({ name }) => name)).toEqual(["panel-1"])
  const again = await upload("old")
  expect(again).toBe(hash)
  // Signed by a key of the same name that was lost.
  await sql(`update store_signature set public_key = 'panel-1', signature = 'panel-1:${"A".repeat(86)}=='`)
  await sql(`delete from signing_key`)
  await restart()
  await allSigned()
  await until("the old signatures to be gone", async () =>
    (await sql(`select from store_signature where public_key = 'panel-1'`)).length === 0 ? true : null,
  )
  expect(await signersOf(hash)).toEqual(["panel-1"])
})
