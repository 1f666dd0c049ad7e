import { createHash } from "node:crypto"
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { Effect } from "effect"
import { afterAll, expect, test } from "vitest"
import { compressLayer, manifestOf, readSavedImage } from "./SavedImage.ts"

const top = mkdtempSync(join(tmpdir(), "skypanel-saved-"))
afterAll(() => rmSync(top, { recursive: true }))

const digestOf = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`
const config = (...layers: ReadonlyArray<string>) =>
  JSON.stringify({ os: "linux", architecture: "amd64", rootfs: { diff_ids: layers.map(digestOf) } })

/** A folder as `docker save` leaves it. */
const saved = (files: Record<string, string>, links: Record<string, string> = {}) => {
  const folder = mkdtempSync(join(top, "image-"))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  for (const [name, target] of Object.entries(links)) symlinkSync(target, join(folder, name))
  return folder
}
const manifest = (layers: ReadonlyArray<string>, name = "config.json") =>
  JSON.stringify([{ Config: name, RepoTags: ["image:latest"], Layers: layers }])
const read = (folder: string) => Effect.runPromise(readSavedImage(folder))

test("layers are found, also those that are alike, and compressed to the same bytes each time", async () => {
  const folder = saved(
    { "manifest.json": manifest(["a", "b"]), "config.json": config("layer", "layer"), a: "layer" },
    { b: "a" },
  )
  const { layers } = await read(folder)
  expect(layers.map(({ diffId }) => diffId)).toEqual([digestOf("layer"), digestOf("layer")])
  const pack = (to: string) => Effect.runPromise(compressLayer(layers[0]!, join(folder, to)))
  const made = await pack("one")
  expect(await pack("two")).toEqual(made)
  expect(gunzipSync(readFileSync(join(folder, "one"))).toString()).toBe("layer")
  expect(JSON.parse(manifestOf(config("layer"), [made])).layers).toEqual([
    { mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", digest: made.digest, size: made.size },
  ])
})

test("a layer that is another one than its digest names is refused", async () => {
  const folder = saved({ "manifest.json": manifest(["a"]), "config.json": config("layer"), a: "other" })
  const { layers } = await read(folder)
  await expect(Effect.runPromise(compressLayer(layers[0]!, join(folder, "out")))).rejects.toThrow()
})

test("layers that are too large together are refused before they are read", async () => {
  const folder = saved(
    { "manifest.json": manifest(["a", "b"]), "config.json": config("layer", "layer"), a: "layer" },
    { b: "a" },
  )
  const within = (bytesMax: number) => Effect.runPromise(readSavedImage(folder, bytesMax))
  expect((await within(10)).layers.length).toBe(2)
  await expect(within(9)).rejects.toMatchObject({ reason: "its layers are more than 9 B" })
})

test.each([
  [
    "a link that leads out",
    { "manifest.json": manifest(["a"]), "config.json": config("x") },
    { a: "/etc/passwd" },
  ],
  [
    "a path that leads out",
    { "manifest.json": manifest(["../../etc/passwd"]), "config.json": config("x") },
    {},
  ],
  ["a configuration that is elsewhere", { "manifest.json": manifest([], "/etc/passwd") }, {}],
  ["layers without their digests", { "manifest.json": manifest(["a"]), "config.json": config(), a: "x" }, {}],
  ["a list that is none", { "manifest.json": "{}" }, {}],
  ["nothing at all", {}, {}],
])("%s is refused", async (_, files, links) => {
  await expect(
    read(saved(files as Record<string, string>, links as Record<string, string>)),
  ).rejects.toThrow()
})
