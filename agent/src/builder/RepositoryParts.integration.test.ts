import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { rm, writeFile } from "node:fs/promises"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import type { SourceAccess } from "@skypanel/contract/BuildAssignment"
import type { GitSource } from "@skypanel/contract/Source"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type Files, type GitServer, machineAddress, openGitServer } from "../../../test/lab/gitServer.ts"
import { openSshServer } from "../../../test/lab/sshServer.ts"
import { assignment, openWorkbench, type Workbench } from "./testing/Workbench.ts"

const token = "a-token-for-acme"
const withToken: SourceAccess = { _tag: "token", username: "bot", token }
const MiB = 1024 ** 2

let bench: Workbench
/** Lets the token in, and nobody else; listens where git-lfs asks by way of the proxy. */
let git: GitServer
/** Lets everybody in, and hears what they show. */
let open: GitServer
beforeAll(async () => {
  bench = await openWorkbench()
  git = await openGitServer({ login: `bot:${token}`, host: machineAddress() })
  open = await openGitServer()
}, 180_000)
afterAll(async () => {
  await bench?.close()
  await git?.close()
  await open?.close()
})

/** Nothing is built: it is evaluated, and says what is in the files. */
const telling = (...files: ReadonlyArray<string>): Files => ({
  "default.nix": `{ ... }: throw ("has " + ${files.map((file) => `builtins.hashFile "sha256" ./${file}`).join(' + " " + ')})`,
})
/** Nothing is read of what was fetched. */
const ending: Files = { "leads-out": { link: "/etc/passwd" } }
const modules = (urls: Readonly<Record<string, string>>) =>
  Object.entries(urls)
    .map(([path, url]) => `[submodule "${path}"]\n\tpath = ${path}\n\turl = ${url}\n`)
    .join("")

const build = async (
  url: string,
  more: Partial<GitSource>,
  access: SourceAccess | null = withToken,
  limits: { readonly sourceBytes?: number } = {},
) => {
  const assigned = { ...assignment({ _tag: "git", url, ref: null, ...more }, limits), access }
  await bench.assign(assigned)
  const { observed, lines } = await bench.finished(assigned.id)
  expect(JSON.stringify([observed, lines])).not.toContain(token)
  return { failure: observed.failure, log: lines.map(({ text }) => text).join("\n") }
}
const sha256 = (content: string) => createHash("sha256").update(content).digest("hex")

describe("submodules", { timeout: 60_000 }, () => {
  test("are fetched with theirs, private ones of the same owner too", async () => {
    const deep = await git.commit("acme/deep", { "deep.txt": "deep" })
    const lib = await git.commit("acme/lib", {
      "lib.txt": "lib",
      ".gitmodules": modules({ "in/deep": "../../deep/.git" }),
      "in/deep": { commit: deep.commit },
    })
    const { url } = await git.commit("acme/app", {
      ...telling("vendor/lib/lib.txt", "vendor/lib/in/deep/deep.txt"),
      ".gitmodules": modules({ "vendor/lib": `${git.origin}/acme/lib/.git` }),
      "vendor/lib": { commit: lib.commit },
    })
    const { failure, log } = await build(url, { submodules: true })
    expect(failure?.detail).toContain(`has ${sha256("lib")} ${sha256("deep")}`)
    expect(log).toMatch(/fetched submodule vendor\/lib\/in\/deep at [0-9a-f]{10} \(1 file, 4 B\)/)
  })

  test("that nobody asked for are told in the log", async () => {
    const { commit } = await git.commit("acme/lib", {})
    const { url } = await git.commit("acme/plain", { ...ending, "vendor/lib": { commit } })
    expect((await build(url, {})).log).toContain(
      "has submodules that were not fetched: vendor/lib. To have them: skypanel deploy web --submodules",
    )
  })

  test("of other owners and hosts get no credential", async () => {
    const theirs = await git.commit("others/secret", { "secret.txt": "secret" })
    const elsewhere = await open.commit("acme/lib", { "lib.txt": "lib" })
    open.asked.length = 0
    const app = await git.commit("acme/wants", {
      ".gitmodules": modules({
        lib: `${open.origin}/acme/lib/.git`,
        secret: `${git.origin}/others/secret/.git`,
      }),
      lib: { commit: elsewhere.commit },
      secret: { commit: theirs.commit },
    })
    const { failure } = await build(app.url, { submodules: true })
    expect(failure).toMatchObject({
      code: "source-not-found",
      title: expect.stringMatching(/^The submodule secret was not fetched: .* asks for credentials/),
      next: expect.stringContaining("of the same owner"),
    })
    expect(open.asked.length).toBeGreaterThan(0)
    expect(open.asked.every((shown) => shown === undefined)).toBe(true)
  })

  test("of somebody else's submodule get no credential, though they are the owner's", async () => {
    const own = await git.commit("acme/deep", { "deep.txt": "deep" })
    const theirs = await open.commit("others/lib", {
      ".gitmodules": modules({ mine: `${git.origin}/acme/deep/.git` }),
      mine: { commit: own.commit },
    })
    const app = await git.commit("acme/trusts", {
      ".gitmodules": modules({ lib: `${open.origin}/others/lib/.git` }),
      lib: { commit: theirs.commit },
    })
    expect((await build(app.url, { submodules: true })).failure?.title).toMatch(
      /^The submodule lib\/mine was not fetched: .* asks for credentials/,
    )
  })

  test("at a commit that is not there say so", async () => {
    const lib = await git.commit("acme/lib", {})
    const app = await git.commit("acme/ahead", {
      ".gitmodules": modules({ lib: "../../lib/.git" }),
      lib: { commit: "1".repeat(40) },
    })
    expect(lib.commit).not.toBe("")
    expect((await build(app.url, { submodules: true })).failure).toMatchObject({
      title: expect.stringContaining("The submodule lib stands at commit 1111111111, which"),
      next: expect.stringContaining("Push that commit"),
    })
  })

  test("that are hostile run nothing, and reach nothing", async () => {
    const lib = await git.commit("acme/lib", {})
    const wanting = async (name: string, file: string) => {
      const app = await git.commit(`acme/${name}`, {
        ...ending,
        ".gitmodules": file,
        lib: { commit: lib.commit },
      })
      return build(app.url, { submodules: true })
    }
    expect((await wanting("local", modules({ lib: "file:///etc" }))).failure).toMatchObject({
      code: "source-refused",
      title: expect.stringContaining("file:// is not allowed"),
    })
    const settings = "\tbranch = --upload-pack=x\n\tignore = all\n[core]\n\tsshCommand = touch /source/ran\n"
    const { log } = await wanting("settings", modules({ lib: "../../lib/.git" }) + settings)
    expect(log).toMatch(/fetched submodule lib at [0-9a-f]{10} /)
    expect((await wanting("unnamed", settings)).log).toContain("lib stays empty: .gitmodules has no URL")
    const { failure } = await wanting(
      "command",
      `${modules({ lib: "../../lib/.git" })}\tupdate = !touch ran\n`,
    )
    expect(failure).toMatchObject({
      code: "source-refused",
      title: "Git does not take what is in the repository.",
      detail: expect.stringContaining("gitmodulesUpdate"),
    })
  })

  test("count, all together", async () => {
    const large = await git.commit("acme/large", { large: "x".repeat(3 * MiB) })
    const app = await git.commit("acme/twice", {
      ".gitmodules": modules({ a: "../../large/.git", b: "../../large/.git" }),
      a: { commit: large.commit },
      b: { commit: large.commit },
    })
    const { failure } = await build(app.url, { submodules: true }, withToken, { sourceBytes: 5 * MiB })
    expect(failure).toMatchObject({
      code: "source-refused",
      title: "The repository is too large with its submodules: 5 files, 6.0 MiB.",
    })
    const around = await git.commit("acme/around", {})
    const next = await git.commit("acme/around", {
      ".gitmodules": modules({ again: "../../around/.git" }),
      again: { commit: around.commit },
    })
    let { commit } = next
    for (let turn = 0; turn < 9; turn++) ({ commit } = await git.commit("acme/around", { again: { commit } }))
    expect((await build(next.url, { submodules: true })).failure?.title).toContain(
      "more than 8 in each other",
    )
  })
})

test("over ssh all of it is fetched with the deploy key", { timeout: 60_000 }, async () => {
  const ssh = await openSshServer(machineAddress())
  const key = join(bench.config.dataFolder, "key")
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", key])
  try {
    const one = "1".repeat(2000)
    const attributes = { ".gitattributes": "*.bin filter=lfs\n" }
    const lib = await git.commit("acme/heavy-lib", { ...attributes, "one.bin": one })
    const app = await git.commit("acme/keyed", {
      ...ending,
      ".gitmodules": modules({ lib: "../heavy-lib" }),
      lib: { commit: lib.commit },
    })
    await ssh.allow(readFileSync(`${key}.pub`, "utf8").trim(), {
      href: `${git.origin}/acme/heavy-lib/.git/info/lfs`,
      header: { Authorization: `Basic ${Buffer.from(`bot:${token}`).toString("base64")}` },
    })
    const access = { _tag: "key", privateKey: readFileSync(key, "utf8"), knownHosts: [] } as const
    const url = ssh.urlOf(join(git.root, "acme/keyed"))
    const { log } = await build(url, { submodules: true, lfs: true }, access)
    expect(log).toContain(`fetched commit ${app.commit}`)
    expect(log).toContain("fetched 1 file of Git LFS (2.0 KiB)")
  } finally {
    await ssh.close()
  }
})

describe("LFS files", { timeout: 60_000 }, () => {
  const attributes = { ".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n" }
  const [one, two] = ["1".repeat(2000), "2".repeat(3 * MiB)]

  test("are fetched, private ones too, and without being asked for told in the log", async () => {
    const { url } = await git.commit("acme/files", {
      ...telling("one.bin", "in/two.bin"),
      ...attributes,
      "one.bin": one,
      "in/two.bin": two,
    })
    const { failure, log } = await build(url, { lfs: true })
    expect(failure?.detail).toContain(`has ${sha256(one)} ${sha256(two)}`)
    expect(log).toContain("fetched 2 files of Git LFS (3.0 MiB)")
    const without = await build(url, {})
    expect(without.log).toContain(
      "has files in Git LFS that were not fetched: in/two.bin, one.bin. To have them: skypanel deploy web --lfs",
    )
    expect((await build(url, { lfs: true }, null)).failure?.title).toContain("asks for credentials")
    expect((await build(url, { lfs: true }, withToken, { sourceBytes: 2 * MiB })).failure).toMatchObject({
      code: "source-refused",
      title: "The repository is too large with its LFS files: they are 2 files of 3.0 MiB in all.",
    })
  })

  test("are what their pointers say, or not taken", async () => {
    const { url } = await git.commit("acme/false", { ...attributes, "one.bin": one, "two.bin": two })
    const kept = (content: string) => {
      const oid = sha256(content)
      return join(git.root, "acme/false/.git/lfs/objects", oid.slice(0, 2), oid.slice(2, 4), oid)
    }
    await writeFile(kept(one), "3".repeat(2000))
    expect((await build(url, { lfs: true })).failure).toMatchObject({
      code: "source-not-found",
      lines: expect.arrayContaining([expect.stringContaining(sha256(one))]),
    })
    await writeFile(kept(one), one.repeat(2000))
    expect((await build(url, { lfs: true })).failure?.code).toMatch(/^source-/)
    await rm(kept(one))
    expect((await build(url, { lfs: true })).failure).toMatchObject({
      title: expect.stringContaining("does not have a file that the commit points to"),
    })
  })

  test("are not fetched as .lfsconfig would have it, but where that says, without a credential", async () => {
    const seen: Array<string | undefined> = []
    const elsewhere = createServer((request, response) => {
      seen.push(request.headers.authorization)
      response.writeHead(401, { "WWW-Authenticate": 'Basic realm="LFS"' }).end()
    })
    await new Promise<void>((resolve) => elsewhere.listen(0, machineAddress(), resolve))
    const { port } = elsewhere.address() as AddressInfo
    const at = `http://${machineAddress()}:${port}/acme/configured`
    const { url } = await git.commit("acme/configured", {
      ...attributes,
      "one.bin": one,
      ".lfsconfig": `[lfs]\n\turl = ${at}\n\tstandalonetransferagent = x\n[lfs "customtransfer.x"]\n\tpath = /bin/sh\n\targs = -c 'touch /source/ran'\n[credential]\n\thelper = !touch /source/ran\n`,
    })
    const { failure, log } = await build(url, { lfs: true })
    elsewhere.close()
    expect(failure?.title).toContain("asks for credentials")
    expect(seen.length).toBeGreaterThan(0)
    expect(seen.every((shown) => shown === undefined)).toBe(true)
    expect(log).not.toContain("ran")
    const local = await git.commit("acme/configured", { ".lfsconfig": "[lfs]\n\turl = file:///etc\n" })
    expect((await build(local.url, { lfs: true })).failure?.title).toContain("file:// is not allowed")
    const broken = await git.commit("acme/configured", { ".lfsconfig": '[lfs]\n\turl = "x\n' })
    expect((await build(broken.url, { lfs: true })).failure).toMatchObject({
      code: "source-refused",
      title: "The file .lfsconfig cannot be read.",
      lines: [expect.stringContaining("bad config line 2")],
    })
    const less = await git.commit("acme/configured", {
      ...ending,
      ".lfsconfig": "[lfs]\n\tfetchexclude = one.bin\n",
    })
    expect((await build(less.url, { lfs: true })).log).toContain(".lfsconfig leaves out one.bin")
  })
})
