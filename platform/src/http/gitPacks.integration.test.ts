import { execFile, execFileSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { createServer, request, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import Koa from "koa"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { until } from "../../../test/lab/until.ts"
import { running } from "../gitRemotes/git.ts"
import { type PushRequest, preReceive } from "../gitRemotes/hook.ts"
import type { Repository } from "../gitRemotes/Repositories.ts"
import { advertise, fetchPack, pushPack } from "./gitPacks.ts"

/** The real client against Git's own programs, with nothing of the platform but what is between them. */

const folder = mkdtempSync(join(tmpdir(), "skypanel-packs-"))
const work = join(folder, "work")
const hooks = join(folder, "hooks")
const repository: Repository = {
  path: join(folder, "bare.git"),
  hooks,
  packBytes: 1024 ** 2,
  uploadMs: 60_000,
}
const environment = {
  PATH: process.env.PATH,
  HOME: folder,
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "Ada",
  GIT_AUTHOR_EMAIL: "ada@example.org",
  GIT_COMMITTER_NAME: "Ada",
  GIT_COMMITTER_EMAIL: "ada@example.org",
}
let decide: (request: PushRequest, say: (line: string) => void) => Promise<boolean>
let uploadMs = 0
let server: Server
let url = ""

const gitSync = (...args: ReadonlyArray<string>) =>
  execFileSync("git", ["-C", work, ...args], { env: environment, encoding: "utf8", stdio: "pipe" }).trim()
/** What talks to the server, which is in this process, must not hold it up. */
const git = (...args: ReadonlyArray<string>) =>
  new Promise<{ readonly code: number; readonly out: string }>((resolve) => {
    execFile("git", args, { env: environment, timeout: 20_000 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), out: stdout + stderr }),
    )
  })
const push = (...args: ReadonlyArray<string>) => git("-C", work, "push", url, ...args)
const commit = (name: string, content: string | Buffer) => {
  writeFileSync(join(work, name), content)
  gitSync("add", "--all")
  gitSync("commit", "--quiet", "--message", name)
  return gitSync("rev-parse", "HEAD")
}
const branches = () =>
  execFileSync("git", ["--git-dir", repository.path, "for-each-ref", "--format=%(refname) %(objectname)"], {
    encoding: "utf8",
  }).trim()
/** What a client sends: its line, and the pack. */
const raw = () => {
  const head = gitSync("rev-parse", "HEAD")
  const line = `${"0".repeat(40)} ${head} refs/heads/main\0 report-status side-band-64k`
  const pack = execFileSync("git", ["-C", work, "pack-objects", "--stdout", "--revs", "--quiet"], {
    env: environment,
    input: `${head}\n`,
  })
  return { line: `${(line.length + 4).toString(16).padStart(4, "0")}${line}0000`, pack }
}
const sendRaw = (headers: Record<string, string> = {}) => {
  const sending = request(`${url}/git-receive-pack`, {
    method: "POST",
    headers: {
      "content-type": "application/x-git-receive-pack-request",
      "transfer-encoding": "chunked",
      ...headers,
    },
  })
  // Its answer is of no interest, and must not hold it up.
  return sending.on("error", () => undefined).on("response", (response) => response.resume())
}
const leftovers = () => readdirSync(join(repository.path, "objects")).filter((name) => name.startsWith("tmp"))

beforeAll(async () => {
  mkdirSync(work)
  mkdirSync(hooks)
  writeFileSync(join(hooks, "pre-receive"), preReceive)
  chmodSync(join(hooks, "pre-receive"), 0o755)
  gitSync("init", "--quiet", "--initial-branch=main")
  const app = new Koa()
  app.on("error", () => undefined)
  app.use((ctx) => {
    const ended = () => undefined
    if (ctx.path.endsWith("/info/refs")) return advertise(ctx, repository, ctx.query.service as never, ended)
    if (ctx.path.endsWith("/git-upload-pack")) return fetchPack(ctx, repository, ended)
    return pushPack(ctx, { ...repository, uploadMs }, decide, ended)
  })
  server = createServer(app.callback())
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x.git`
})
beforeEach(() => {
  rmSync(repository.path, { recursive: true, force: true })
  execFileSync("git", ["init", "--quiet", "--bare", "--template=", "--initial-branch=main", repository.path])
  decide = async () => true
  uploadMs = 60_000
})
afterAll(() => {
  server?.closeAllConnections()
  server?.close()
  rmSync(folder, { recursive: true, force: true })
})

describe("a push", { timeout: 30_000 }, () => {
  it("is taken when it is said to be, and shows what is said; it can be fetched again", async () => {
    const head = commit("a.txt", "a")
    let asked: PushRequest | null = null
    decide = async (request, say) => {
      asked = request
      say("looking \u001b[2J at it")
      say("accept")
      return true
    }
    const { code, out } = await push("main")
    expect(code, out).toBe(0)
    expect(out).toMatch(/remote: looking {2}at it/)
    expect(out).toMatch(/remote: accept/)
    expect(asked).toMatchObject({
      updates: [{ before: "0".repeat(40), after: head, ref: "refs/heads/main" }],
    })
    expect(branches()).toBe(`refs/heads/main ${head}`)
    const clone = join(folder, "clone")
    expect(await git("clone", "--quiet", url, clone)).toMatchObject({ code: 0 })
    expect(readdirSync(clone)).toContain("a.txt")
    rmSync(clone, { recursive: true })
  })

  it("leaves nothing when it is refused, or when whoever decides breaks", async () => {
    commit("b.txt", "b")
    for (const verdict of [async () => false, () => Promise.reject(new Error("broken"))]) {
      decide = verdict
      const { code, out } = await push("main")
      expect(code).toBe(1)
      expect(out).toMatch(/pre-receive hook declined/)
      expect(branches()).toBe("")
      expect(leftovers()).toEqual([])
    }
  })

  it("that is too large says so, and is never decided on", async () => {
    let decided = false
    decide = async () => {
      decided = true
      return true
    }
    commit("large.bin", randomBytes(6 * 1024 ** 2))
    const { code, out } = await push("main")
    expect(code).not.toBe(0)
    expect(out).toMatch(/pack exceeds maximum allowed size/)
    expect(decided).toBe(false)
    expect(branches()).toBe("")
    expect(leftovers()).toEqual([])
    gitSync("reset", "--quiet", "--hard", "HEAD~1")
  })

  it("with objects that are made to do harm is refused", async () => {
    const blob = gitSync("hash-object", "-w", join(work, "a.txt"))
    const entry = Buffer.concat([Buffer.from("40000 .git\0"), Buffer.alloc(20)])
    const inner = execFileSync("git", ["-C", work, "mktree"], {
      env: environment,
      input: `100644 blob ${blob}\tconfig\n`,
    })
    entry.set(Buffer.from(inner.toString().trim(), "hex"), entry.length - 20)
    const tree = execFileSync(
      "git",
      ["-C", work, "hash-object", "-t", "tree", "-w", "--literally", "--stdin"],
      {
        env: environment,
        input: entry,
      },
    )
    const bad = gitSync("commit-tree", "-m", "bad", tree.toString().trim())
    const { code, out } = await push(`${bad}:refs/heads/main`)
    expect(code).not.toBe(0)
    expect(out).toMatch(/hasDotgit|contains '\.git'/)
    expect(branches()).toBe("")
  })

  it("that is cut off in its middle leaves nothing", async () => {
    let decided = false
    decide = async () => {
      decided = true
      return true
    }
    const { line, pack } = raw()
    const sending = sendRaw()
    sending.write(line)
    sending.write(pack.subarray(0, pack.length - 30))
    await until("it to be received", async () => (leftovers().length > 0 ? true : null))
    sending.destroy()
    await until("Git to end", async () => (running.size === 0 ? true : null))
    expect(decided).toBe(false)
    expect(branches()).toBe("")
    expect(leftovers()).toEqual([])
  })

  it("that is cut off in compressed form ends Git too", async () => {
    const { line, pack } = raw()
    const zipped = gzipSync(Buffer.concat([Buffer.from(line), pack]))
    const sending = sendRaw({ "content-encoding": "gzip" })
    sending.write(zipped.subarray(0, zipped.length - 20))
    await until("Git to start", async () => (running.size === 1 ? true : null))
    sending.destroy()
    await until("Git to end", async () => (running.size === 0 ? true : null))
    expect(branches()).toBe("")
  })

  it("that comes too slowly is cut off, however little is missing", async () => {
    uploadMs = 300
    const sending = sendRaw()
    const closed = new Promise((resolve) => sending.once("close", resolve))
    const { line } = raw()
    const trickle = setInterval(() => sending.write("0"), 50)
    sending.write(line)
    await closed
    clearInterval(trickle)
    await until("Git to end", async () => (running.size === 0 ? true : null))
  })

  it("that goes on when Git has ended is not read for ever", async () => {
    const sending = sendRaw()
    const closed = new Promise((resolve) => sending.once("close", resolve))
    const trickle = setInterval(() => sending.write("nonsense"), 50)
    await closed
    clearInterval(trickle)
    expect(running.size).toBe(0)
  })
})
