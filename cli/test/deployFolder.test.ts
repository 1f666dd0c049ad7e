import { mkdirSync, symlinkSync, writeFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { usePlatform } from "./usePlatform.ts"

const { platform, file, held, run } = usePlatform()

const site = () => {
  mkdirSync(file("site/node_modules/x"), { recursive: true })
  writeFileSync(file("site/index.html"), "<h1>hello")
  writeFileSync(file("site/node_modules/x/index.js"), "")
  writeFileSync(file("site/.gitignore"), "node_modules/\n")
}

const uploads = () => platform().state.requests.filter((request) => request.startsWith("upload"))

describe("deploy --dir", () => {
  it("uploads what .gitignore leaves and deploys it; an unchanged folder is not uploaded again", async () => {
    site()
    const first = await run("deploy", "site", "--dir", "site", "--wait")
    expect(first.code, first.err).toBe(0)
    expect(first.err).toMatch(/2 files, .*; 1 left out by \.gitignore/)
    expect(first.err).toContain("uploaded")
    expect(first.out).toBe("http://site-acme.localhost:8000\n")
    expect(uploads()).toEqual(["upload .gitignore index.html"])
    expect(held("site").service.source).toMatchObject({ _tag: "folder", files: 2, origin: "upload" })

    const again = await run("deploy", "site", "--dir", "site", "--wait")
    expect(again.err).toContain("nothing to upload")
    expect(uploads()).toHaveLength(1)

    writeFileSync(file("site/index.html"), "<h1>changed")
    expect((await run("deploy", "site", "--dir", "site", "--wait")).code).toBe(0)
    expect(uploads()).toHaveLength(2)
  })

  it("says what of a folder cannot be deployed, before anything is sent", async () => {
    site()
    symlinkSync("/etc", file("site/etc"))
    const { code, err } = await run("deploy", "site", "--dir", "site")
    expect(code).toBe(2)
    expect(err).toMatch(/"etc": it is a link to an absolute path/)
    expect((await run("deploy", "site", "--dir", "absent")).err).toContain("There is no folder absent")
    expect((await run("deploy", "site", "--dir", ".", "--template", "nodejs")).code).toBe(2)
    expect(uploads()).toEqual([])
  })
})
