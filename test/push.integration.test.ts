import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { gitClient } from "./lab/gitClient.ts"
import { usePlatform } from "./lab/platform.ts"
import { checkout } from "./lab/TestProgram.ts"
import { until } from "./lab/until.ts"

/** `git push` by the real client, to a real platform with a real builder. */

const platform = usePlatform({ SKYPANEL_HEALTH_DEADLINE_SECONDS: "20" })
const folder = mkdtempSync(join(tmpdir(), "skypanel-push-"))
const work = join(folder, "site")
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const { start, git, push, commit, packOf, sendPush } = gitClient(platform, folder, work)
const site = (text: string) => ({ "index.html": text })

const answers = async () => (await platform().get("site-acme.localhost")).text
const deployments = async () =>
  (await platform().api("GET", "/organizations/acme/services/site/deployments")).body
const remoteMain = async () => (await git(work, "ls-remote", "skypanel", "main")).out.slice(0, 40)

beforeAll(async () => {
  mkdirSync(work)
  await git(work, "init", "--quiet", "--initial-branch=main")
  const set = await start(
    process.execPath,
    [join(checkout, "cli/bin/skypanel.mjs"), "git", "remote", "site"],
    work,
  ).ended
  expect(set.code, set.out).toBe(0)
  expect(set.out).toContain("git push skypanel main")
}, 60_000)

describe("git push", { timeout: 100_000 }, () => {
  it("creates the service, shows the build as it goes, and ends with its URL", async () => {
    const pushed = await commit(site("first"))
    const { code, out } = await push("main")
    expect(code, out).toBe(0)
    expect(out).toMatch(/remote: site is new/)
    expect(out).toMatch(/remote: +recognised: index\.html/)
    expect(out).toMatch(/remote: ✓ release 1 of site is live/)
    expect(out).toContain(`http://site-acme.localhost:${platform().endpointPort}`)
    expect(await answers()).toBe("first")
    expect(await remoteMain()).toBe(pushed)
    const [deployment] = await deployments()
    expect(deployment).toMatchObject({
      trigger: "push",
      revision: pushed,
      source: { _tag: "folder", origin: "push", revision: pushed },
      createdBy: platform().email,
    })
  })

  it("is what only a push is said to be: who names its folder has uploaded it, and does not say what is in it", async () => {
    const [{ source }] = await deployments()
    const claimed = { ...source, files: 4711, bytes: 1, revision: "f".repeat(40) }
    const path = "/organizations/acme/services"
    expect((await platform().api("POST", path, { name: "claims", source: claimed })).status).toBe(202)
    const { body } = await platform().api("GET", `${path}/claims`)
    expect(body.source).toEqual({ ...source, origin: "upload", revision: null })
    await platform().api("DELETE", `${path}/claims`)
  })

  it("is refused with the reason when the build fails; the branch stays, and what served serves", async () => {
    const before = await remoteMain()
    await commit({ "README.md": "nothing to build", ".gitmodules": "" })
    const { code, out } = await push("main")
    expect(code).toBe(1)
    expect(out).toMatch(/Submodules are no part of a push[\s\S]*skypanel deploy site --git URL --submodules/)
    expect(out).toMatch(/remote: ✗ .*nothing at its top level/)
    expect(out).toMatch(/remote: +Next: /)
    expect(out).toMatch(/Release 1 serves as before/)
    expect(out).toMatch(/\[remote rejected\] main -> main/)
    expect(await remoteMain()).toBe(before)
    expect(await answers()).toBe("first")
    await git(work, "reset", "--quiet", "--hard", before)
  })

  it("that Git would refuse after its hook is refused before it is deployed", async () => {
    const count = (await deployments()).length
    const before = await remoteMain()
    const head = await commit(site("not taken"))
    await git(work, "tag", "--annotate", "--message", "A tag", "v0")
    const tag = await push("v0:main")
    expect(tag.code).toBe(1)
    expect(tag.out).toMatch(/can only be a commit, and this is a tag/)
    expect((await push("main:main/below")).out).toMatch(/no place for main\/below/)
    // What a client sends that has read the branches before another push was taken.
    const stale = await sendPush("site", "1".repeat(40), head, await packOf(head))
    expect(stale).toMatch(/main of site has moved since this push began/)
    expect(await deployments()).toHaveLength(count)
    expect(await remoteMain()).toBe(before)
    await git(work, "reset", "--quiet", "--hard", before)
  })

  it("that began before another one created the service is to be made again", async () => {
    const head = (await git(work, "rev-parse", "HEAD")).out.trim()
    const pack = await packOf(head)
    const root = join(platform().dataFolder, "git/services")
    const repositories = () =>
      readdirSync(root).flatMap((organization) => readdirSync(join(root, organization)))
    const before = repositories().length
    // The service is created after the push has begun, and before all of it has arrived.
    const said = await sendPush("raced", "0".repeat(40), head, pack, async () => {
      await until("the push to have a repository", async () => (repositories().length > before ? true : null))
      const source = { _tag: "template", template: "static" }
      const made = await platform().api("POST", "/organizations/acme/services", { name: "raced", source })
      expect(made.status, JSON.stringify(made.body)).toBeLessThan(300)
    })
    expect(said).toMatch(/raced was created while this push was under way/)
    await platform().api("DELETE", "/organizations/acme/services/raced")
  })

  it("is refused with the entry when the files are no folder", async () => {
    const before = await remoteMain()
    await git(work, "config", "core.symlinks", "true")
    await start("ln", ["-s", "/etc/passwd", "out"], work).ended
    await git(work, "add", "--all")
    await git(work, "commit", "--quiet", "--message", "Link")
    const { code, out } = await push("main")
    expect(code).toBe(1)
    expect(out).toMatch(/"out": it is a link to an absolute path/)
    await git(work, "reset", "--quiet", "--hard", before)
  })

  it("with --force deploys another history", async () => {
    await commit(site("forced"), "--amend")
    expect((await push("main")).out).toMatch(/rejected/)
    const forced = await push("--force", "main")
    expect(forced.code, forced.out).toBe(0)
    expect(await answers()).toBe("forced")
  })

  it("keeps other branches, and says what is not taken", async () => {
    const count = (await deployments()).length
    const topic = await push("main:topic")
    expect(topic.code, topic.out).toBe(0)
    expect(topic.out).toMatch(/topic is kept and not deployed.*git push skypanel topic:main/)
    expect((await push("--delete", "topic")).code).toBe(0)
    const deleted = await push("--delete", "main")
    expect(deleted.code).toBe(1)
    expect(deleted.out).toMatch(/cannot be deleted[\s\S]*skypanel delete site/)
    await git(work, "tag", "v1")
    const tagged = await push("v1")
    expect(tagged.code).toBe(1)
    expect(tagged.out).toMatch(/Only branches are kept here; tags\/v1 is none/)
    expect(await deployments()).toHaveLength(count)
  })

  it("of files in Git LFS says how they come", async () => {
    const large = join(folder, "large")
    await git(folder, "clone", "--quiet", "--depth=1", `file://${work}`, large)
    await git(large, "config", "--local", "include.path", join(work, ".git/config"))
    writeFileSync(join(large, ".gitattributes"), "*.bin filter=lfs\n")
    writeFileSync(join(large, "a.bin"), "large")
    await git(large, "lfs", "install", "--local")
    await git(large, "add", "--all")
    await git(large, "commit", "--quiet", "--message", "Large")
    const { code, out } = await git(large, "push", "skypanel", "HEAD:topic")
    expect(code).not.toBe(0)
    expect(out).toContain("Files in Git LFS are not pushed here.")
    expect(out).toContain("skypanel deploy site --dir .")
  })

  it("keeps so many branches, and no more", async () => {
    const names = Array.from({ length: 1000 }, (_, n) => `main:many-${n}`)
    const many = await push(...names)
    expect(many.code).toBe(1)
    expect(many.out).toMatch(/more than 1000 branches/)
  })

  it("that is given up leaves the deployment going; one that comes later, from a shallow clone, takes its place", async () => {
    await commit(site("left alone"))
    const left = start("git", ["push", "skypanel", "main"], work)
    const number = Number((await left.says(/Deployment (\d+) of site/))[1])
    left.child.kill("SIGKILL")
    await until("the deployment to be live", async () =>
      (await deployments()).find((one: { number: number }) => one.number === number)?.status === "live"
        ? true
        : null,
    )
    expect(await answers()).toBe("left alone")
    await until("the branch to follow", async () =>
      (await remoteMain()) === (await git(work, "rev-parse", "HEAD")).out.trim() ? true : null,
    )

    // From a shallow clone: what came before its commit is not there.
    const shallow = join(folder, "shallow")
    await git(folder, "clone", "--quiet", "--depth=1", `file://${work}`, shallow)
    await git(shallow, "config", "--local", "include.path", join(work, ".git/config"))
    writeFileSync(join(shallow, "index.html"), "last")
    await git(shallow, "commit", "--quiet", "--all", "--message", "Last")
    await commit(site("overtaken"))
    const first = start("git", ["push", "skypanel", "main"], work)
    await first.says(/Deployment \d+ of site/)
    const second = await git(shallow, "push", "--force", "skypanel", "main")
    expect(second.code, second.out).toBe(0)
    const overtaken = await first.ended
    expect(overtaken.code).toBe(1)
    expect(overtaken.out).toMatch(/remote: ✗ Deployment \d+ came after it/)
    expect(await answers()).toBe("last")
  })

  it("of a process that nobody asks anything is live without a port, and leads no visitor to it", async () => {
    await commit({
      "package.json": "{}",
      "worker.js": "setInterval(() => {}, 1000)",
      Procfile: "web: node web.js\nworker: node worker.js\n",
      "skypanel.toml": '[start]\nprocess = "worker"\n',
    })
    const { code, out } = await git(work, "push", `${platform().url}/git/acme/queue.git`, "main")
    expect(code, out).toBe(0)
    expect(out).toMatch(/recognised: process `worker`, not `web` → no port/)
    expect(out).toMatch(/release 1 of queue is live\s+remote: +It runs without a port: no URL/)
    const { body } = await platform().api("GET", "/organizations/acme/services/queue")
    expect(body).toMatchObject({ state: "live", port: null, url: null, public: false })
    expect(body.instances).toMatchObject([{ healthy: true, probe: "its process has stayed up for 10 s" }])
    expect((await platform().get("queue-acme.localhost")).status).toBe(404)
  })

  it("finds nothing in an organization that one is no member of", async () => {
    const { url, token, email } = platform()
    const asked = (password: string | null, path: string) =>
      fetch(`${url}/git/${path}/info/refs?service=git-receive-pack`, {
        headers:
          password === null
            ? {}
            : { authorization: `Basic ${Buffer.from(`x:${password}`).toString("base64")}` },
      })
    const anonymous = await asked(null, "acme/site.git")
    expect(anonymous.status).toBe(401)
    expect(anonymous.headers.get("www-authenticate")).toContain("Basic")
    expect((await asked("nonsense", "acme/site.git")).status).toBe(401)
    expect((await asked(token(), "other/site.git")).status).toBe(404)
    const stranger = { email: "stranger@example.org", password: "a long test password" }
    const send = (path: string, body: object, authorization = "") =>
      fetch(`${url}/api/auth${path}`, {
        method: "POST",
        headers: { "content-type": "application/json", ...(authorization !== "" && { authorization }) },
        body: JSON.stringify(body),
      })
    await send("/admin/create-user", { ...stranger, name: "Stranger", role: "user" }, `Bearer ${token()}`)
    const signed = await send("/sign-in/email", stranger)
    const { token: theirs } = (await signed.json()) as { token: string }
    expect(email).not.toBe(stranger.email)
    expect((await asked(theirs, "acme/site.git")).status).toBe(404)
    expect((await asked(theirs, "acme/absent.git")).status).toBe(404)
  })
})
