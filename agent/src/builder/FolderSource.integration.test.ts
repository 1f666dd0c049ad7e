import { gzipSync } from "node:zlib"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { buildFailed } from "./BuildFailed.ts"
import { failureOf } from "./testing/Failures.ts"
import { file, link, offerFolder, pack } from "./testing/Folders.ts"
import { openWorkbench, token, type Workbench } from "./testing/Workbench.ts"

let bench: Workbench
beforeAll(async () => {
  bench = await openWorkbench()
}, 180_000)
afterAll(() => bench?.close())

const offer = (tar: Buffer, sent?: Buffer) => offerFolder(bench, tar, sent)

describe("a folder", { timeout: 60_000 }, () => {
  test("is built as a repository is, with the revision that it is of", async () => {
    const long = `${"deep/".repeat(25)}page.html`
    const tar = pack(
      file(`site/${long}`, "<p>deep"),
      file("site/index.html", "<p>hello"),
      link("site/start.html", "index.html"),
    )
    const { observed, lines } = await bench.build({
      ...offer(tar),
      overrides: { static: { folder: "site" } },
    })
    expect(observed.failure).toBeNull()
    expect(observed.result).toMatchObject({
      revision: "a".repeat(40),
      recognisedAs: "the service's own settings, [static] folder → site; site/index.html → served as files",
    })
    expect(lines.map(({ text }) => text).join("\n")).toContain("fetched the folder")
    expect(JSON.stringify(lines)).not.toContain(token)
  })

  test("with nothing recognisable says what was looked for", async () => {
    expect(await failureOf(bench, offer(pack(file("notes.md", "#"))))).toMatchObject({
      code: "source-not-recognised",
    })
  })

  test.each([
    ["a path that leads out", pack(file("a/../../x", "")), /through/],
    ["an absolute path", pack(file("/tmp/x", "")), /absolute/],
    ["a link that leads out", pack(link("etc", "../../etc")), /leads out/],
    ["a file in a link", pack(link("a", "b"), file("a/x", "")), /no folder/],
    ["half an archive", pack(file("a", "x".repeat(3000))).subarray(0, 2048), /breaks off/],
    [
      "a device",
      (() => {
        const tar = pack(file("null", ""))
        tar.write("3", 156)
        tar.write(
          `${(Number.parseInt(tar.toString("latin1", 148, 154), 8) + 3).toString(8).padStart(6, "0")}`,
          148,
        )
        return tar
      })(),
      /neither file nor link/,
    ],
  ])("%s is refused by the builder too", async (_, tar, reason) => {
    const found = await failureOf(bench, offer(tar))
    expect(found.code).toBe("source-refused")
    expect(found.title).toMatch(reason)
  })

  test("more than a source may be is refused while it comes", async () => {
    const zeros = pack(file("zeros", "\0".repeat(4_000_000)))
    const found = await failureOf(bench, offer(zeros), { sourceBytes: 1_000_000 })
    expect(found.code).toBe("source-refused")
    expect(found.title).toMatch(/larger than/)
  })

  test("another archive than the one that was deployed is refused", async () => {
    const found = await failureOf(
      bench,
      offer(pack(file("index.html", "mine")), gzipSync(pack(file("index.html", "other")))),
    )
    expect(found.code).toBe("source-refused")
    expect(found.title).toMatch(/SHA-256 differs/)
  })

  test("that the platform does not give is no folder", async () => {
    const source = offer(pack(file("index.html", "")))
    bench.receiver.stored.delete(`/folders/${token}`)
    expect(await failureOf(bench, source)).toMatchObject({ code: "source-not-found" })
  })
})

test("Rust is brought for a repository of Rust, and for no other", { timeout: 60_000 }, async () => {
  const next = "Ask the operator."
  const own = await openWorkbench({}, false, {
    bringRust: (note) => {
      note()
      return buildFailed("no-builder", "There is no Rust today.", next)
    },
  })
  try {
    const manifest = '[package]\nname = "shop"\nversion = "0.1.0"\nedition = "2021"\n'
    const rust = pack(
      file("Cargo.lock", 'version = 4\n\n[[package]]\nname = "shop"\nversion = "0.1.0"\n'),
      file("Cargo.toml", manifest),
      file("src/main.rs", "fn main() {}\n"),
    )
    const asked = await own.build(offerFolder(own, rust))
    expect(asked.observed.failure).toMatchObject({ title: "There is no Rust today.", next })
    expect(asked.lines.map(({ text }) => text)).toContain("making Rust ready, once for this builder")
    const site = await own.build(offerFolder(own, pack(file("index.html", "<p>hello"))))
    expect(site.observed.failure).toBeNull()
  } finally {
    await own.close()
  }
})
