import { describe, expect, test } from "vitest"
import {
  addTreeEntry,
  describedCommit,
  emptyTree,
  explainFetch,
  type FailedFetch,
  fetchedCommit,
  type TreeSummary,
} from "./GitOutput.ts"

const explain = (lines: ReadonlyArray<string>, more: Partial<FailedFetch> = {}) =>
  explainFetch({
    url: "https://example.org/a/b.git",
    ref: "main",
    access: null,
    lines,
    certificate: null,
    events: [],
    stopped: null,
    seconds: 120,
    sourceBytes: 1024 ** 2,
    ...more,
  }).failure

/** What git 2.39, GitHub, GitLab, Gitea and ssh say. */
describe("a fetch that failed", () => {
  test.each([
    ["fatal: couldn't find remote ref main", "no branch, tag or commit “main”"],
    ["fatal: remote error: upload-pack: not our ref 0123", "no branch, tag or commit “main”"],
    ["fatal: repository 'https://example.org/a/b.git/' not found", "no Git repository at"],
    [
      "fatal: https://example.org/a/b.git/info/refs not valid: is this a git repository?",
      "no Git repository at",
    ],
    [
      "fatal: unable to access 'https://example.org/a/b.git/': The requested URL returned error: 404",
      "no Git repository at",
    ],
    [
      "fatal: could not read Username for 'https://example.org': terminal prompts disabled",
      "asks for credentials",
    ],
    ["git@example.org: Permission denied (publickey).", "asks for credentials"],
    ["fatal: something that nobody has seen", "could not be fetched"],
  ])("%s", (line, title) => {
    const failure = explain([line])
    expect(failure.code).toBe("source-not-found")
    expect(failure.title).toContain(title)
  })
  test("with a credential that is not taken says what to do", () => {
    const denied = "git@example.org: Permission denied (publickey)."
    expect(explain([denied], { access: "key" })).toMatchObject({ code: "credential-refused" })
    expect(explain([denied], { access: "key" }).next).toContain("public half")
    const failed = "fatal: Authentication failed for 'https://example.org/a/b.git/'"
    expect(explain([failed], { access: "token" })).toMatchObject({ code: "credential-refused" })
  })
  test("at a host that shows another key names that key", () => {
    const fingerprint = `SHA256:${"a".repeat(43)}`
    const lines = [
      "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @",
      "The fingerprint for the ED25519 key sent by the remote host is",
      `${fingerprint}.`,
      "Host key verification failed.",
    ]
    expect(explain(lines, { access: "key" })).toMatchObject({
      code: "host-key-changed",
      detail: fingerprint,
    })
  })
  test("of an empty repository says so", () => {
    expect(explain(["fatal: couldn't find remote ref HEAD"], { ref: null }).title).toBe(
      "The repository is empty.",
    )
  })
  test("of a short commit says what to write", () => {
    expect(explain(["fatal: couldn't find remote ref 1234abc"], { ref: "1234abc" }).next).toContain(
      "all 40 characters",
    )
  })
  test("at the size limit, at the policy, at an unknown host, and in time", () => {
    const destination = { host: "example.org", port: 443 }
    expect(explain([], { events: [{ _tag: "limit" }] })).toMatchObject({
      code: "source-refused",
      title: "The repository is larger than 1 MiB.",
    })
    expect(explain([], { events: [{ _tag: "refused", destination, reason: "private" }] })).toMatchObject({
      code: "source-refused",
      detail: "private",
    })
    expect(
      explain([], { events: [{ _tag: "unreachable", destination, reason: "its name is not known" }] }).title,
    ).toContain("its name is not known")
    expect(explain([], { stopped: "time" }).title).toContain("120 seconds")
  })
})

describe("a commit's files", () => {
  const sum = (lines: ReadonlyArray<string>) => lines.reduce<TreeSummary>(addTreeEntry, emptyTree)
  test("are counted, with links and submodules", () => {
    expect(
      sum([
        "100644 blob 0123456789abcdef0123456789abcdef01234567     120\tsrc/a b.js",
        "100755 blob 0123456789abcdef0123456789abcdef01234567    1000\trun.sh",
        "120000 blob 0123456789abcdef0123456789abcdef01234567       5\tlink",
        '100644 blob 0123456789abcdef0123456789abcdef01234567       1\t"tab\\there"',
        "160000 commit 0123456789abcdef0123456789abcdef01234567       -\tvendor/lib",
        "warning: nothing",
      ]),
    ).toEqual({
      files: 5,
      bytes: 1126,
      submodules: [{ path: "vendor/lib", commit: "0123456789abcdef0123456789abcdef01234567" }],
      modulesBytes: 0,
    })
  })
})

test("the fetched commit is read from FETCH_HEAD", () => {
  const commit = "0123456789abcdef0123456789abcdef01234567"
  expect(fetchedCommit(`${commit}\t\tbranch 'main' of https://example.org/a/b\n`)).toBe(commit)
  expect(fetchedCommit("")).toBeNull()
})

test("whoever wrote a commit does not steer a terminal, and takes two short lines", () => {
  const revision = "0123456789abcdef0123456789abcdef01234567"
  expect(describedCommit(revision, ["Ann\u001b]0;x\u0007 Example", "Fix \u202ethe\u001b[31m bug"])).toEqual({
    revision,
    author: "Ann Example",
    subject: "Fix the bug",
  })
  expect(describedCommit(revision, []).subject).toBe("")
  expect(Array.from(describedCommit(revision, ["", "𝄞".repeat(1000)]).subject)).toHaveLength(200)
})
