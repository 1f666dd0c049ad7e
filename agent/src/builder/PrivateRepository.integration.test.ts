import { execFileSync } from "node:child_process"
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { createServer, type Server } from "node:http"
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Socket,
  type Server as TcpServer,
} from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { BuildAssignment, SourceAccess } from "@skypanel/contract/BuildAssignment"
import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type Certificate, makeAuthority } from "../../../test/lab/authority.ts"
import { type GitServer, openGitServer } from "../../../test/lab/gitServer.ts"
import { openSshServer, type SshServer } from "../../../test/lab/sshServer.ts"
import { groupParent, sweepBuilds } from "./BuildSpaces.ts"
import { program } from "./testing/Programs.ts"
import { assignment, openWorkbench, type Workbench } from "./testing/Workbench.ts"

const token = "glpat-of-a-test/with+signs"
const files = { "default.nix": program("hi", "true") }
const folder = mkdtempSync(join(tmpdir(), "skypanel-keys-"))
const makeKey = (name: string) => {
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", join(folder, name)])
  const read = (file: string) => readFileSync(join(folder, file), "utf8")
  return { privateKey: read(name), publicKey: read(`${name}.pub`).trim() }
}
const [ours, strange] = [makeKey("ours"), makeKey("strange")]

/** Whom the builder trusts, besides whom this machine does: an organization's own authority. */
const authority = makeAuthority()
const trusted = join(folder, "authorities.pem")
writeFileSync(
  trusted,
  [authority.file, "/etc/ssl/certs/ca-certificates.crt"].map((file) => readFileSync(file, "utf8")).join("\n"),
)

let bench: Workbench
let git: GitServer
let ssh: SshServer
beforeAll(async () => {
  process.env.SSL_CERT_FILE = trusted
  bench = await openWorkbench()
  git = await openGitServer({ login: `bot:${token}` })
  ssh = await openSshServer()
  await ssh.allow(ours.publicKey)
}, 180_000)
afterAll(async () => {
  await bench?.close()
  await git?.close()
  await ssh?.close()
  rmSync(folder, { recursive: true })
  authority.remove()
})

/** Builds it; whatever came of that, nothing it says may have a part of the secret in it. */
const build = async (url: string, access: SourceAccess, more: Partial<BuildAssignment> = {}) => {
  const assigned = { ...assignment({ _tag: "git", url, ref: null }), access, ...more }
  await bench.assign(assigned)
  const { observed, lines } = await bench.finished(assigned.id)
  const told = JSON.stringify([observed, lines])
  const secret = access._tag === "token" ? access.token : access.privateKey.split("\n")[1]!
  for (const hidden of [secret, encodeURIComponent(secret), Buffer.from(`bot:${secret}`).toString("base64")])
    expect(told).not.toContain(hidden)
  return observed
}
const portOf = (server: TcpServer) => (server.address() as AddressInfo).port
const withToken = (given: string): SourceAccess => ({ _tag: "token", username: "bot", token: given })
const withKey = (privateKey: string, knownHosts: ReadonlyArray<string> = []): SourceAccess => ({
  _tag: "key",
  privateKey,
  knownHosts,
})

describe("a private repository", { timeout: 60_000 }, () => {
  test("is fetched with an access token, and with the right one only", async () => {
    const { url, commit } = await git.commit("private", files)
    const observed = await build(url, withToken(token))
    expect(observed).toMatchObject({ failure: null, result: { revision: commit }, hostKeys: [] })
    expect(observed.commit).toMatchObject({ revision: commit, author: expect.stringMatching(/./) })
    expect((await build(url, withToken("another-token"))).failure).toMatchObject({
      code: "credential-refused",
      title: "127.0.0.1 does not take the service's access token.",
    })
  })

  test("is fetched with what is in memory only, and gone with the fetch, or with the agent", async () => {
    const holding = (folder: string) =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .filter((file) => readFileSync(file, "utf8").includes(token))
    const own = `/dev/shm/${groupParent(bench.config)}`
    const seen: Array<ReadonlyArray<string>> = []
    /** What any process was started with, or has in its environment. */
    const told = () =>
      readdirSync("/proc").filter((pid) =>
        ["cmdline", "environ"].some((file) => {
          try {
            return /^\d+$/.test(pid) && readFileSync(join("/proc", pid, file), "utf8").includes(token)
          } catch {
            return false // It has ended meanwhile.
          }
        }),
      )
    const looking = createServer((_, response) => {
      seen.push([...holding(bench.config.dataFolder), ...holding(own), ...told()])
      response.writeHead(404).end()
    })
    await new Promise<void>((resolve) => looking.listen(0, "127.0.0.1", resolve))
    try {
      const url = `http://127.0.0.1:${portOf(looking)}/x.git`
      expect((await build(url, withToken(token))).failure).not.toBeNull()
      expect(seen[0]).toEqual([expect.stringMatching(`^${own}/bld_[^/]+/credential$`)])
      expect(statSync(own).mode & 0o777).toBe(0o700)
      expect(readdirSync(own)).toEqual([])
      const left = join(own, "left")
      writeFileSync(left, "by an agent that was killed")
      await Effect.runPromise(sweepBuilds(bench.config))
      expect(existsSync(left)).toBe(false)
    } finally {
      looking.close()
    }
  })

  test("is fetched over TLS from a host that the builder trusts, and from no other", async () => {
    const opened: Array<GitServer> = []
    const serve = async (certificate: Certificate) => {
      const server = await openGitServer({ login: `bot:${token}`, certificate })
      opened.push(server)
      return server
    }
    const stranger = makeAuthority()
    const ip = "IP:127.0.0.1"
    try {
      const whole = await serve(authority.issue(ip))
      const { url, commit } = await whole.commit("private", files)
      const asked = { poll: true }
      expect(await build(url, withToken(token), asked)).toMatchObject({ failure: null, revision: commit })
      for (const [certificate, title] of [
        [stranger.issue(ip), "is from an authority that builders do not trust"],
        [authority.issue(ip, [-10, -5]), "has expired"],
        [authority.issue(ip, [5, 10]), "is not valid yet"],
        [authority.issue("DNS:git.example.org"), "is for other names"],
      ] as const) {
        const server = await serve(certificate)
        const there = await server.commit("private", files)
        const refused = await build(there.url, withToken(token), asked)
        expect(refused.failure).toMatchObject({
          code: "certificate-refused",
          title: `The certificate of 127.0.0.1 ${title}.`,
        })
        // It has shown nothing to whoever that is.
        expect(server.asked).toEqual([])
      }
    } finally {
      stranger.remove()
      for (const server of opened) await server.close()
    }
  })

  test("gives the token to its own host, not to where that one leads", async () => {
    const seen: Array<string | undefined> = []
    const elsewhere = createServer((request, response) => {
      seen.push(request.headers.authorization)
      response.writeHead(401, { "WWW-Authenticate": 'Basic realm="Git"' }).end()
    })
    const leading = createServer((request, response) =>
      response.writeHead(302, { Location: `http://127.0.0.2:${portOf(elsewhere)}${request.url}` }).end(),
    )
    const listen = (server: Server, port: number, host: string) =>
      new Promise<void>((resolve) => server.listen(port, host, resolve))
    await listen(leading, 0, "127.0.0.1")
    // Another host on the same port, which is the only one that the fetch may reach.
    await listen(elsewhere, portOf(leading), "127.0.0.2")
    try {
      const { failure } = await build(`http://127.0.0.1:${portOf(leading)}/x.git`, withToken(token))
      expect(failure).not.toBeNull()
      expect(seen.length).toBeGreaterThan(0)
      expect(seen.every((shown) => shown === undefined)).toBe(true)
    } finally {
      for (const server of [elsewhere, leading]) server.close()
    }
  })

  test("is polled without being fetched, by branch or as a whole", async () => {
    const { url, commit } = await git.commit("polled", files)
    const at = (ref: string | null): Partial<BuildAssignment> => ({
      poll: true,
      source: { _tag: "git", url, ref },
    })
    for (const ref of [null, "main", "refs/heads/main"])
      expect(await build(url, withToken(token), at(ref))).toMatchObject({
        phase: "succeeded",
        failure: null,
        revision: commit,
        result: null,
      })
    expect((await build(url, withToken(token), at("nowhere"))).failure).toMatchObject({
      code: "source-not-found",
      title: "The repository has no branch “nowhere”.",
    })
    expect((await build(url, withToken("another-token"), at(null))).failure).toMatchObject({
      code: "credential-refused",
    })
  })

  test("is polled though another organization's hosts take every connection and say nothing", async () => {
    const { url, commit } = await git.commit("polled", files)
    const open = new Set<Socket>()
    const silent = createTcpServer((socket) => void open.add(socket.on("error", () => undefined)))
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve))
    const hung = Array.from({ length: 6 }, () => ({
      ...assignment({ _tag: "git", url: `ssh://git@127.0.0.1:${portOf(silent)}/x.git`, ref: null }),
      organizationId: "org_111111111111111111111111" as BuildAssignment["organizationId"],
      poll: true,
    }))
    try {
      for (const poll of hung) await bench.assign(poll)
      expect(await build(url, withToken(token), { poll: true })).toMatchObject({ revision: commit })
      const phases = await Promise.all(hung.map(async ({ id }) => (await bench.observed(id))?.phase))
      expect(phases.filter((phase) => phase !== "failed").length).toBeGreaterThanOrEqual(2)
    } finally {
      for (const { id } of hung) await bench.unassign(id)
      for (const socket of open) socket.destroy()
      silent.close()
    }
  })

  test("is fetched with a deploy key, whose host is known from then on", async () => {
    const { commit } = await git.commit("deep", files)
    const url = ssh.urlOf(join(git.root, "deep"))
    const first = await build(url, withKey(ours.privateKey))
    expect(first).toMatchObject({ failure: null, result: { revision: commit } })
    expect(first.hostKeys).toEqual([expect.stringMatching(/^\[127\.0\.0\.1\]:\d+ ssh-ed25519 \S+$/)])
    const again = await build(url, withKey(ours.privateKey, first.hostKeys))
    expect(again).toMatchObject({ failure: null, hostKeys: [] })

    expect((await build(url, withKey(strange.privateKey, first.hostKeys))).failure).toMatchObject({
      code: "credential-refused",
      next: expect.stringContaining("public half"),
    })

    await ssh.changeHostKey()
    const refused = await build(url, withKey(ours.privateKey, first.hostKeys))
    expect(refused.failure).toMatchObject({
      code: "host-key-changed",
      detail: expect.stringMatching(/^SHA256:/),
    })
    const accepted = await build(url, withKey(ours.privateKey))
    expect(accepted).toMatchObject({ failure: null, hostKeys: [expect.any(String)] })
    expect(accepted.hostKeys).not.toEqual(first.hostKeys)
  })
})
