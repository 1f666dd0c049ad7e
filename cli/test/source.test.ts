import { beforeEach, describe, expect, it } from "vitest"
import { hoursAgo, momentAgo } from "./fakeRows.ts"
import { usePlatform } from "./usePlatform.ts"

const { platform, run, runWith, begin } = usePlatform()
const url = "https://git.example.com/acme/web.git"

beforeEach(async () => {
  await run("deploy", "web", "--git", url)
})

describe("a service that is made from a private repository", () => {
  const token = "a-token-that-nobody-sees"
  const create = (...args: ReadonlyArray<string>) => ["deploy", "private", ...args] as const
  const created = () => platform().state.requests.filter((request) => request.startsWith("create"))
  const prepared = JSON.stringify({ prepared: "crd_000000000000000000000001" })

  it("has its token from the beginning, once that was tried", async () => {
    const args = create("--git", url, "--token-file", "-", "--username", "bot")
    const made = await runWith(`${token}\n`, ...args)
    expect(made).toMatchObject({ code: 0, err: "" })
    expect(made.out).not.toContain(token)
    expect(platform().state.requests).toContain(`prepare ${JSON.stringify({ url, token, username: "bot" })}`)
    expect(created().at(-1)).toContain(`"credential":${prepared}`)
  })

  it("is not made when the host does not take the token, and nothing is left", async () => {
    platform().state.refusesCredentials = true
    const refused = await runWith(`${token}\n`, ...create("--git", url, "--token-file", "-"))
    expect(refused.code).toBe(1)
    expect(refused.err).toContain("git.example.com does not take the service's access token.")
    expect(refused.err).toContain("Nothing was made.")
    expect(created()).toHaveLength(1)
    expect(platform().state.prepared.size).toBe(0)
  })

  it("waits until the host takes its deploy key; Ctrl-C leaves nothing", async () => {
    const { state } = platform()
    const args = create("--git", "git@git.example.com:acme/private.git", "--deploy-key")
    const made = await run(...args)
    expect(made).toMatchObject({ code: 0 })
    expect(made.err).toContain("ssh-ed25519 AAAA skypanel-acme\n\nAdd it to git@git.example.com:acme")
    expect(created().at(-1)).toContain(`"credential":${prepared}`)
    state.prepared.clear()
    state.refusesCredentials = true
    const waiting = begin(...args)
    await waiting.says("ssh-ed25519")
    waiting.process.kill("SIGINT")
    expect((await waiting.ended).code).toBe(130)
    expect(state.prepared.size).toBe(0)
  })

  it("takes flags that go together only", async () => {
    for (const args of [
      ["--token-file", "-"],
      ["--git", url, "--username", "bot"],
      ["--git", url, "--deploy-key", "--token-file", "-"],
      ["--git", url, "--token-file", "/nonexistent"],
    ])
      expect((await run(...create(...args))).code).toBe(2)
    const endless = await run(...create("--git", url, "--token-file", "/dev/zero"))
    expect(endless).toMatchObject({ code: 2, err: expect.stringContaining("it is longer than 4 KiB") })
    expect(created()).toHaveLength(1)
  })
})

describe("a service's repository", () => {
  it("is shown, and has a credential that is never printed", async () => {
    expect((await run("source", "show", "web")).out).toMatch(
      /Credential +none: the repository has to be public/,
    )
    const token = "a-token-that-nobody-sees"
    const given = await runWith(`${token}\n`, "source", "credential", "set", "web", "--username", "bot")
    expect(given).toMatchObject({ code: 0, err: "" })
    expect(given.out).toMatch(
      RegExp(String.raw`Credential +access token of bot for https://git\.example\.com, ${momentAgo}`),
    )
    expect(given.out).not.toContain(token)
    expect(platform().state.requests).toContain(`token ${JSON.stringify({ username: "bot", token })}`)
    const key = await run("source", "credential", "make", "web")
    expect(key.out).toContain("ssh-ed25519 AAAA x\n\nAdd it to")
    const removed = JSON.parse((await run("source", "credential", "remove", "web", "--json")).out)
    expect(removed.credential).toBeNull()
  })

  it("takes no token that is none, and none from the command line", async () => {
    expect((await runWith("", "source", "credential", "set", "web")).code).toBe(2)
    const wrong = await runWith("with spaces in it\n", "source", "credential", "set", "web")
    expect(wrong.code).toBe(2)
    expect(wrong.err).toContain("token")
    expect((await run("source", "credential", "set", "nobody")).code).toBe(4)
  })

  it("has a webhook whose secret is shown once", async () => {
    expect((await run("source", "hook", "rotate", "web")).code).toBe(4)
    const made = await run("source", "hook", "make", "web")
    expect(made.out).toContain("Secret  the-secret-of-the-hook")
    expect((await run("source", "hook", "make", "web")).err).toContain("rotate web")
    expect((await run("source", "hook", "rotate", "web")).code).toBe(0)
    expect((await run("source", "hook", "off", "web")).out).toContain("(off)")
    expect((await run("source", "hook", "on", "web")).out).toContain("(every push)")
    expect((await run("source", "hook", "paths", "web", "apps/web", "!*.md")).out).toContain(
      "(pushes that change apps/web !*.md)",
    )
    expect((await run("source", "hook", "paths", "web", "with space")).code).toBe(2)
    expect((await run("source", "show", "web")).out).not.toContain("the-secret")
    expect((await run("source", "hook", "remove", "web")).out).toContain("pushes do not deploy")
  })

  it("lists what was delivered and why it did not deploy", async () => {
    expect((await run("source", "deliveries", "web")).out).toBe("Nothing was delivered yet.\n")
    const state = platform().state
    const delivery = {
      at: hoursAgo(3),
      provider: "github",
      event: "push",
      branch: "main",
      revision: "a".repeat(40),
      author: "Grace\u001b[2J",
      outcome: "ignored",
      reason: "Only docs/ changed.",
      deployment: null,
    } as const
    state.connections.set("web", {
      credential: null,
      hostKeys: [],
      hook: null,
      poll: null,
      deliveries: [delivery],
    })
    expect((await run("source", "deliveries", "web")).out).toMatch(
      /3 h ago +GitHub +push +main +aaaaaaaaaaaa +Grace +— +Only docs\/ changed\./,
    )
  })

  it("has host keys that can be forgotten", async () => {
    const hostKey = {
      origin: "ssh://git.example.com",
      type: "ssh-ed25519",
      fingerprint: "SHA256:abc",
      pinnedAt: new Date().toISOString(),
    }
    platform().state.connections.set("web", {
      credential: null,
      hostKeys: [hostKey],
      hook: null,
      poll: null,
      deliveries: [],
    })
    expect((await run("source", "show", "web")).out).toContain(
      "ssh-ed25519 SHA256:abc of ssh://git.example.com",
    )
    expect((await run("source", "forget-host-keys", "web")).out).not.toContain("SHA256")
  })

  it("is polled every so often, or not", async () => {
    expect((await run("source", "poll", "web", "15m")).out).toMatch(/Polled +every 15 min, not answered yet/)
    expect((await run("source", "poll", "web", "90s")).code).toBe(2)
    expect((await run("source", "poll", "web", "2d")).code).toBe(2)
    expect((await run("source", "poll", "web", "off")).out).not.toContain("Polled")
  })
})
