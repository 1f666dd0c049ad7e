import { execFileSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { gunzipSync } from "node:zlib"
import { Effect, Redacted } from "effect"
import { afterAll, beforeAll, expect, it } from "vitest"
import { until } from "../../../test/lab/until.ts"
import { ArtifactConfig } from "../artifacts/ArtifactConfig.ts"
import { archiveCommit } from "./archiveCommit.ts"
import { describeCommit } from "./describeCommit.ts"
import { running, spawnGit } from "./git.ts"
import { Repositories } from "./Repositories.ts"

const dataFolder = mkdtempSync(join(tmpdir(), "skypanel-archive-"))
let repository = ""

const git = (args: ReadonlyArray<string>, input = "") =>
  execFileSync("git", [`--git-dir=${repository}`, ...args], {
    env: {
      PATH: process.env.PATH,
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_AUTHOR_NAME: "Ada",
      GIT_AUTHOR_EMAIL: "ada@example.org",
      GIT_COMMITTER_NAME: "Ada",
      GIT_COMMITTER_EMAIL: "ada@example.org",
    },
    encoding: "utf8",
    input,
  }).trim()
const blob = (content: string) => git(["hash-object", "-w", "--stdin"], content)
const tree = (...lines: ReadonlyArray<string>) => git(["mktree"], lines.map((line) => `${line}\n`).join(""))
const commit = (of: string) => ({
  repository,
  quarantine: "",
  commit: git(["commit-tree", "-m", "files", of]),
})
const archive = async (of: ReturnType<typeof commit>) => {
  const chunks: Array<Buffer> = []
  for await (const chunk of archiveCommit(of, () => undefined)) chunks.push(chunk)
  return gunzipSync(Buffer.concat(chunks)).toString("latin1")
}

beforeAll(async () => {
  const made = Effect.flatMap(Repositories, (repositories) =>
    repositories.of("org_1" as never, "svc_1" as never),
  )
  const config = ArtifactConfig.layer({ dataFolder, secret: Redacted.make("secret") })
  repository = (await Effect.runPromise(Effect.provide(Effect.provide(made, Repositories.layer), config)))
    .path
})
afterAll(() => rmSync(dataFolder, { recursive: true, force: true }))

it("gives the files as they are: what is in them is put nowhere else", async () => {
  const content = "$Format:%<(9999)%h$"
  const files = tree(
    `100644 blob ${blob("* export-subst\nsecret export-ignore\n")}\t.gitattributes`,
    `100644 blob ${blob(content)}\tbomb`,
    `100644 blob ${blob("left out")}\tsecret`,
  )
  const tar = await archive(commit(files))
  expect(tar).toContain(content)
  expect(tar).not.toContain("left out")
})

it("refuses a few trees that stand for millions of files before Git lists them in memory", async () => {
  let nested = tree(`100644 blob ${blob("x")}\tfile`)
  for (let level = 0; level < 9; level++)
    nested = tree(...Array.from({ length: 10 }, (_, n) => `040000 tree ${nested}\t${n}`))
  await expect(archive(commit(nested))).rejects.toMatchObject({ reason: "there are more than 50000 files" })
}, 20_000)

it("starts nothing before it is read, and ends when it is read no further", async () => {
  const files = Array.from(
    { length: 6 },
    (_, n) => `100644 blob ${blob(randomBytes(2_000_000).toString("hex"))}\t${n}`,
  )
  await until("what was before to end", async () => (running.size === 0 ? true : null))
  const archived = archiveCommit(commit(tree(...files)), () => undefined)
  await new Promise(setImmediate)
  expect(running.size).toBe(0)
  for await (const chunk of archived) {
    expect(chunk.length).toBeGreaterThan(0)
    expect(running.size).toBe(1)
    break
  }
  await until("Git to end", async () => (running.size === 0 ? true : null))
}, 20_000)

it("gives Git a bounded memory", async () => {
  const child = spawnGit(
    ["-c", "alias.limits=!prlimit --as --output=SOFT,HARD --noheadings --raw", "limits"],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  )
  expect((await text(child.stdout!)).trim()).toBe("1073741824 1073741824")
})

it("says who wrote a commit and what of it, in two short lines, however long it is", async () => {
  const files = tree(`100644 blob ${blob("x")}\tfile`)
  const written = git(
    ["commit-tree", "-F", "-", files],
    `Fix the \u001b[31m\u202e bug\n\n${"more\n".repeat(100_000)}`,
  )
  const at = (commit: string) => describeCommit({ repository, quarantine: "", commit })
  expect(await at(written)).toEqual({ revision: written, author: "Ada", subject: "Fix the [31m bug" })
  const long = git(["commit-tree", "-F", "-", files], "long ".repeat(200_000))
  expect(Array.from((await at(long)).subject)).toHaveLength(200)
})
