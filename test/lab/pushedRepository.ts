import { execFile } from "node:child_process"
import { chmodSync, mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { promisify } from "node:util"
import { openGitServer } from "./gitServer.ts"

/* For tests: a repository that is pushed to over http, and whose host tells a webhook of each push, as Git hosts do. */

const run = promisify(execFile)

/** Tells of a push as Gitea and Forgejo do; the answer is shown to who pushes. */
const hook = (url: string, secret: string) => `#!/bin/sh
while read -r before after ref; do
  body="{\\"ref\\":\\"$ref\\",\\"before\\":\\"$before\\",\\"after\\":\\"$after\\",\\"pusher\\":{\\"username\\":\\"grace\\"},\\"repository\\":{\\"default_branch\\":\\"main\\"}}"
  signature=$(printf %s "$body" | openssl dgst -sha256 -hmac '${secret}' -r | cut -d' ' -f1)
  curl --silent --show-error --max-time 20 --header 'Content-Type: application/json' --header 'X-Gitea-Event: push' \\
    --header "X-Gitea-Delivery: $after" --header "X-Gitea-Signature: $signature" --data "$body" '${url}'
done
`

export interface PushedRepository {
  readonly url: string
  /** From now on each push is told there. */
  readonly tell: (url: string, secret: string) => void
  /** Commits the files on `main`, pushes, and gives what Git and the host said. */
  readonly push: (files: Readonly<Record<string, string>>) => Promise<string>
  readonly close: () => Promise<void>
}

export const openPushedRepository = async (): Promise<PushedRepository> => {
  const server = await openGitServer()
  const bare = join(server.root, "shop.git")
  const folder = join(server.root, "clone")
  const url = `${server.origin}/shop.git`
  // Not in this thread: the server that is pushed to is here as well.
  const git = async (...args: ReadonlyArray<string>) => {
    const author = ["-c", "user.name=Grace Hopper", "-c", "user.email=grace@example.org"]
    const { stdout, stderr } = await run("git", [...author, ...args])
    return `${stdout}${stderr}`.trim()
  }
  await git("init", "--quiet", "--bare", "--initial-branch=main", bare)
  await git("-C", bare, "config", "http.receivepack", "true")
  await git("init", "--quiet", "--initial-branch=main", folder)
  await git("-C", folder, "remote", "add", "origin", url)
  return {
    url,
    tell: (to, secret) => {
      const file = join(bare, "hooks", "post-receive")
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, hook(to, secret))
      chmodSync(file, 0o755)
    },
    push: async (files) => {
      for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, path), text)
      await git("-C", folder, "add", "--all")
      await git("-C", folder, "commit", "--quiet", "--message", "Change")
      return git("-C", folder, "push", "origin", "main")
    },
    close: server.close,
  }
}
