import { createHmac } from "node:crypto"
import type { HookProvider } from "@skypanel/contract/Repository"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type Push, readHookEvent } from "./hookEvent.ts"
import { type Headers, isSigned, namesOf, providerOf, readPayload } from "./hookRequest.ts"
import { whyNotDeployed } from "./pushVerdict.ts"

const secret = "a secret of a test"
const body = Buffer.from('{"ref":"refs/heads/main"}')
const hmac = createHmac("sha256", secret).update(body).digest("hex")
const headers =
  (given: Record<string, string>): Headers =>
  (name) =>
    given[name] ?? ""

const right: ReadonlyArray<readonly [HookProvider, Record<string, string>]> = [
  ["github", { "x-github-event": "push", "x-hub-signature-256": `sha256=${hmac}` }],
  ["gitlab", { "x-gitlab-event": "Push Hook", "x-gitlab-token": secret }],
  // Gitea says what GitHub says as well.
  ["gitea", { "x-gitea-event": "push", "x-github-event": "push", "x-gitea-signature": hmac }],
  ["gitea", { "x-forgejo-event": "push", "x-gitea-event": "push", "x-forgejo-signature": hmac }],
  ["generic", { "x-skypanel-signature": `sha256=${hmac}` }],
]

describe.each(right)("a delivery of %s", (provider, given) => {
  const signature = Object.keys(given).find((name) => /signature|token/.test(name))!

  it("is known by its headers, and taken when it is signed", () => {
    expect(providerOf(headers(given))).toBe(provider)
    expect(isSigned(provider, secret, headers(given), body)).toBe(true)
  })

  it("is not taken with another signature, or none", () => {
    for (const wrong of ["", "sha256=", given[signature]!.slice(0, -1), `${given[signature]}0`])
      expect(isSigned(provider, secret, headers({ ...given, [signature]: wrong }), body)).toBe(false)
    expect(isSigned(provider, "", headers({ ...given, [signature]: "" }), body)).toBe(false)
    expect(isSigned(provider, "another secret", headers(given), body)).toBe(false)
  })

  it.skipIf(provider === "gitlab")("is not taken when a byte of it is another", () => {
    const altered = Buffer.from(body)
    altered[3]! ^= 1
    expect(isSigned(provider, secret, headers(given), altered)).toBe(false)
  })
})

describe("what a delivery is called", () => {
  it("is what its sender calls it, and what is in it", () => {
    const names = namesOf("github", headers({ "x-github-delivery": "1-2" }), body)
    expect(names.delivery).toBe("1-2")
    expect(namesOf("github", headers({ "x-github-delivery": "3-4" }), body).digest).toBe(names.digest)
    expect(namesOf("generic", headers({}), body)).toEqual({ delivery: names.digest, digest: names.digest })
  })

  it("may be in a form", () => {
    const form = new URLSearchParams({ payload: '{"a":1}' }).toString()
    expect(readPayload("application/x-www-form-urlencoded", Buffer.from(form))).toEqual({ a: 1 })
    expect(readPayload("application/json", Buffer.from("{"))).toBeNull()
  })
})

const [before, after] = ["1".repeat(40), "2".repeat(40)]
const commit = { author: { name: "Ada\n\u0007 L" }, added: ["a"], modified: ["docs/b"], removed: ["c"] }
const github = {
  ref: "refs/heads/main",
  before,
  after,
  commits: [commit],
  head_commit: commit,
  repository: { default_branch: "main" },
}
const push = (payload: object, provider: HookProvider = "github", event = "push") =>
  readHookEvent(provider, event, payload) as Push

describe("a push", () => {
  it("says branch, commit, author and files, whoever sends it", () => {
    expect(push(github)).toEqual({
      _tag: "push",
      ref: "refs/heads/main",
      defaultBranch: "main",
      revision: after,
      author: "Ada L",
      files: ["a", "docs/b", "c"],
    })
    const gitlab = {
      ref: "refs/heads/main",
      before,
      after,
      user_name: "Grace",
      total_commits_count: 1,
      commits: [{ ...commit, author: undefined }],
      project: { default_branch: "trunk" },
    }
    expect(push(JSON.parse(JSON.stringify(gitlab)), "gitlab", "Push Hook")).toMatchObject({
      defaultBranch: "trunk",
      author: "Grace",
      files: ["a", "docs/b", "c"],
    })
    expect(push({ commit: after, ref: "main", author: "CI", files: ["x"] }, "generic")).toEqual({
      _tag: "push",
      ref: "refs/heads/main",
      defaultBranch: null,
      revision: after,
      author: "CI",
      files: ["x"],
    })
  })

  it("does not say what changed where it is not all there", () => {
    expect(push({ ...github, forced: true }).files).toBeNull()
    expect(push({ ...github, before: "0".repeat(40) }).files).toBeNull()
    expect(push({ ...github, commits: [] }).files).toBeNull()
    expect(push({ ...github, total_commits: 21 }).files).toBeNull()
    expect(push({ ...github, commits: null }).files).toBeNull()
  })

  it("of a deleted branch has no commit", () => {
    expect(push({ ...github, after: "0".repeat(40), head_commit: null, commits: [] }).revision).toBeNull()
  })

  it.each([
    ["gitlab", "Issue Hook", "other"],
    ["github", "issues", "other"],
    ["github", "ping", "ping"],
    ["generic", "ping", "ping"],
  ] as const)("is not what %s calls %s", (provider, event, tag) => {
    expect(readHookEvent(provider, event, github)._tag).toBe(tag)
  })

  it("never is anything but a commit and a ref that Git could have", () => {
    for (const bad of ["refs/heads/\0", "\ud800", "a".repeat(301)]) {
      expect(push({ ...github, ref: bad })._tag).toBe("malformed")
      expect(push({ ...github, repository: { default_branch: bad } })._tag).toBe("malformed")
      expect(push({ commit: after, ref: bad }, "generic")._tag).toBe("malformed")
    }
    for (const bad of ["main", "-x", `${after}\n`, "", "HEAD", after.toUpperCase().replace("2", "F")])
      expect(push({ ...github, after: bad })._tag).toBe("malformed")
    fc.assert(
      fc.property(
        fc.constantFrom<HookProvider>("github", "gitlab", "gitea", "generic"),
        fc.constantFrom("push", "Push Hook"),
        fc.oneof(
          fc.jsonValue(),
          fc.record({
            ref: fc.jsonValue(),
            after: fc.jsonValue(),
            commit: fc.jsonValue(),
            commits: fc.jsonValue(),
          }),
          fc.record({ ref: fc.string(), after: fc.constantFrom(after, "x"), commit: fc.constant(after) }),
        ),
        (provider, event, payload) => {
          const read = readHookEvent(provider, event, payload)
          if (read._tag !== "push") return
          expect(read.revision === null || /^[0-9a-f]{40}$/.test(read.revision)).toBe(true)
        },
      ),
    )
  })
})

describe("which pushes deploy", () => {
  const why = (watched: { ref?: string | null; paths?: ReadonlyArray<string> }, more: Partial<Push> = {}) =>
    whyNotDeployed({ ref: null, paths: [], ...watched }, { ...push(github), ...more })

  it("are those of the service's branch, or of the default one", () => {
    expect(why({})).toBeNull()
    expect(why({ ref: "main" })).toBeNull()
    expect(why({ ref: "refs/heads/main" })).toBeNull()
    expect(why({ ref: "next" })).toBe("Branch main was pushed, and next is deployed.")
    expect(why({}, { defaultBranch: "trunk" })).toBe("Branch main was pushed, and trunk is deployed.")
    expect(why({}, { defaultBranch: null })).toContain("set the service's branch")
    expect(why({}, { ref: null })).toBeNull()
    expect(why({}, { ref: "refs/tags/v1" })).toBe("It is no branch that was pushed.")
    expect(why({ ref: after })).toBe("The service stays at one commit.")
    expect(why({}, { revision: null })).toBe("The branch was deleted.")
  })

  it("touch a path that is watched, as far as that is known", () => {
    const paths = ["apps/web/**", "!**/*.md"]
    expect(why({ paths }, { files: ["apps/web/a.ts", "docs/b"] })).toBeNull()
    expect(why({ paths }, { files: ["apps/web/README.md"] })).toBe("Only apps/ changed.")
    expect(why({ paths }, { files: ["docs/a", "docs/b", "x"] })).toBe("Only docs/ and x changed.")
    expect(why({ paths }, { files: null })).toBeNull()
  })

  it("do so for a reason of one line that is not long, whatever was sent", () => {
    const name = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("a".repeat(9999), "\0", "\ud800"))
    fc.assert(
      fc.property(name, name, fc.array(name), (ref, default_branch, added) => {
        const read = push({ ...github, ref, repository: { default_branch }, commits: [{ added }] })
        if (read._tag !== "push") return
        for (const watched of [null, "main"])
          for (const ref of [read.ref, "refs/heads/main", "refs/heads/x"]) {
            const reason = why({ ref: watched, paths: ["x"] }, { ...read, ref }) ?? ""
            expect(reason.length).toBeLessThan(700)
            expect(reason).not.toMatch(/[\p{Cc}\p{Cs}]/u)
          }
      }),
    )
  })
})
