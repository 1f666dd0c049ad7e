import { type ChildProcess, execFile } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import type { TestPlatform } from "./platform.ts"
import { until } from "./until.ts"

interface Ended {
  readonly code: number
  readonly out: string
}

/** Git as a person has it, at home in `folder`, with a repository in `work`; and what it would send, by hand. */
export const gitClient = (platform: () => TestPlatform, folder: string, work: string) => {
  const environment = (more: Record<string, string> = {}) => ({
    PATH: process.env.PATH,
    HOME: folder,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_AUTHOR_NAME: "Ada",
    GIT_AUTHOR_EMAIL: "ada@example.org",
    GIT_COMMITTER_NAME: "Ada",
    GIT_COMMITTER_EMAIL: "ada@example.org",
    SKYPANEL_URL: platform().url,
    SKYPANEL_TOKEN: platform().token(),
    NO_COLOR: "1",
    ...more,
  })

  const start = (command: string, args: ReadonlyArray<string>, cwd: string, more = {}) => {
    let out = ""
    let child: ChildProcess | undefined
    const ended = new Promise<Ended>((resolve) => {
      child = execFile(command, args, { cwd, env: environment(more), timeout: 100_000 }, (error) =>
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), out }),
      )
      for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text) => (out += text))
    })
    return {
      ended,
      child: child!,
      says: (what: RegExp) => until(`git to say ${what}`, async () => what.exec(out)),
    }
  }

  const git = (cwd: string, ...args: ReadonlyArray<string>) => start("git", args, cwd).ended
  const push = (...args: ReadonlyArray<string>) => git(work, "push", "skypanel", ...args)

  const commit = async (files: Record<string, string>, ...more: ReadonlyArray<string>) => {
    await git(work, "rm", "-rq", "--ignore-unmatch", ".")
    for (const [name, text] of Object.entries(files)) writeFileSync(join(work, name), text)
    await git(work, "add", "--all")
    await git(work, "commit", "--quiet", "--message", "Change", ...more)
    return (await git(work, "rev-parse", "HEAD")).out.trim()
  }

  const packOf = (commit: string) =>
    new Promise<Buffer>((resolve, reject) => {
      const child = execFile(
        "git",
        ["pack-objects", "--stdout", "--revs", "--quiet"],
        { cwd: work, env: environment(), encoding: "buffer" },
        (error, out) => (error === null ? resolve(out) : reject(error)),
      )
      child.stdin!.end(`${commit}\n`)
    })

  /** A push of main as a client sends it, and what it is told. */
  const sendPush = async (
    service: string,
    before: string,
    after: string,
    pack: Buffer,
    meanwhile: () => Promise<void> = async () => undefined,
  ) => {
    const line = `${before} ${after} refs/heads/main\0 report-status side-band-64k`
    async function* body() {
      yield Buffer.from(`${(line.length + 4).toString(16).padStart(4, "0")}${line}0000`)
      yield pack.subarray(0, pack.length - 20)
      await meanwhile()
      yield pack.subarray(pack.length - 20)
    }
    const { url, token } = platform()
    const response = await fetch(`${url}/git/acme/${service}.git/git-receive-pack`, {
      method: "POST",
      headers: {
        authorization: `Basic ${Buffer.from(`x:${token()}`).toString("base64")}`,
        "content-type": "application/x-git-receive-pack-request",
      },
      body: body() as never,
      duplex: "half",
    } as RequestInit)
    return await response.text()
  }

  return { start, git, push, commit, packOf, sendPush }
}
