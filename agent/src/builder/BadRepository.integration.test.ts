import { randomBytes } from "node:crypto"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type GitServer, openGitServer } from "../../../test/lab/gitServer.ts"
import { failureOf } from "./testing/Failures.ts"
import { openWorkbench, type Workbench } from "./testing/Workbench.ts"

let bench: Workbench
let git: GitServer
beforeAll(async () => {
  bench = await openWorkbench()
  git = await openGitServer()
}, 180_000)
afterAll(async () => {
  await bench?.close()
  await git?.close()
})

const repository = (url: string, ref: string | null = null) => failureOf(bench, { _tag: "git", url, ref })

describe("a Git repository", { timeout: 60_000 }, () => {
  test("that does not exist", async () => {
    const found = await repository(`${git.origin}/nobody/.git`)
    expect(found).toMatchObject({ code: "source-not-found" })
    expect(found.title).toContain("no Git repository")
  })
  test("on a host that does not answer, or that does not exist", async () => {
    expect((await repository("http://127.0.0.1:1/x.git")).title).toContain("127.0.0.1")
    expect((await repository("https://nobody.invalid/x.git")).title).toContain("nobody.invalid")
  })
  test("without the ref", async () => {
    const { url } = await git.commit("noref", { "index.html": "<p>" })
    const found = await repository(url, "v9")
    expect(found.code).toBe("source-not-found")
    expect(found.title).toContain("“v9”")
    expect((await repository(url, "deadbee")).next).toContain("40 characters")
  })
  test("with nothing recognisable: what was looked for and found", async () => {
    const { url } = await git.commit("nothing", { "README.md": "# Words", "src/main.zig": "" })
    const found = await repository(url)
    expect(found.code).toBe("source-not-recognised")
    expect(found.detail).toContain("README.md, src/")
    expect(found.detail).toContain("index.html")
  })
  test("with a lock file that does not match", async () => {
    const { url } = await git.commit("mismatch", {
      "package.json": JSON.stringify({
        name: "x",
        version: "1.0.0",
        scripts: { start: "node ." },
        dependencies: { "is-number": "7.0.0", "is-odd": "3.0.1" },
      }),
      "package-lock.json": JSON.stringify({
        name: "x",
        version: "1.0.0",
        lockfileVersion: 3,
        requires: true,
        packages: { "": { name: "x", version: "1.0.0", dependencies: {} } },
      }),
    })
    expect(await repository(url)).toMatchObject({ code: "lock-mismatch" })
  })
  test("with a lock file of another package manager that does not match, with its line", async () => {
    const { url } = await git.commit("old", {
      "package.json": JSON.stringify({ scripts: { start: "node ." }, dependencies: { a: "1" } }),
      "yarn.lock": "# yarn lockfile v1\n",
    })
    expect(await repository(url)).toMatchObject({
      code: "lock-mismatch",
      title: "yarn.lock, line 1: the package.json asks for a 1, which is not in it.",
      location: { file: "yarn.lock", line: 1 },
    })
  })
  test("with a link that leads out", async () => {
    const { url } = await git.commit("link", { "index.html": "<p>", "flake.nix": { link: "/etc/passwd" } })
    const found = await repository(url)
    expect(found).toMatchObject({ code: "source-refused" })
    expect(found.title).toContain("flake.nix")
  })
  test("that is too large, packed or unpacked", async () => {
    const large = async (name: string, text: string) => {
      const { url } = await git.commit(name, { "index.html": "<p>", text })
      return failureOf(bench, { _tag: "git", url, ref: null }, { sourceBytes: 1_000_000 })
    }
    const unpacked = await large("zeros", "0".repeat(3_000_000))
    expect(unpacked).toMatchObject({ code: "source-refused" })
    expect(unpacked.title).toContain("2 files")
    const packed = await large("noise", randomBytes(3_000_000).toString("base64"))
    expect(packed).toMatchObject({ code: "source-refused" })
    expect(packed.title).toContain("larger than")
  })
  test.each([
    "file:///etc",
    "ext::sh -c id",
    "--upload-pack=touch /tmp/x",
    "-oProxyCommand=id",
    "ssh://-oProxyCommand=id/x",
    "git://127.0.0.1/x",
    "https://user:secret@example.org/x.git",
    "/etc",
  ])("at %s is refused", async (url) => {
    expect(await repository(url)).toMatchObject({ code: "source-refused" })
  })
})
