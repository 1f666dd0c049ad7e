import { execFileSync, spawn } from "node:child_process"
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"

/* For tests: real repositories behind git's own `http-backend`, on loopback. */

const answer = (root: string, request: IncomingMessage, response: ServerResponse): void => {
  const url = new URL(request.url ?? "/", "http://localhost")
  const backend = spawn("git", ["http-backend"], {
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
      GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
    },
  })
  request.pipe(backend.stdin)
  let head: Buffer | null = Buffer.alloc(0)
  backend.stdout.on("data", (chunk: Buffer) => {
    if (head === null) return void response.write(chunk)
    head = Buffer.concat([head, chunk])
    const end = head.indexOf("\r\n\r\n")
    if (end < 0) return
    for (const line of head.subarray(0, end).toString().split("\r\n")) {
      const [name, value] = line.split(/: (.*)/) as [string, string]
      if (name === "Status") response.statusCode = Number.parseInt(value, 10)
      else response.setHeader(name, value)
    }
    response.write(head.subarray(end + 4))
    head = null
  })
  backend.stdout.on("end", () => response.end())
}

export type Files = Readonly<Record<string, string | { readonly link: string }>>

/** `login`: who asks has to be this, as `user:password`. */
export const openGitServer = async (login: string | null = null) => {
  const root = await mkdtemp(join(tmpdir(), "skypanel-git-"))
  const asked: Array<string | undefined> = []
  const server = createServer((request, response) => {
    const { authorization } = request.headers
    asked.push(authorization)
    if (login === null || authorization === `Basic ${Buffer.from(login).toString("base64")}`)
      return answer(root, request, response)
    response.writeHead(401, { "WWW-Authenticate": 'Basic realm="Git"' }).end()
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const git = (folder: string, ...args: ReadonlyArray<string>) =>
    execFileSync(
      "git",
      [
        "-C",
        folder,
        "-c",
        "user.name=Test",
        "-c",
        "user.email=test@example.org",
        "-c",
        "init.defaultBranch=main",
        ...args,
      ],
      { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
    ).trim()
  return {
    origin,
    /** Where its repositories are. */
    root,
    /** What each request had to show for itself. */
    asked,
    /** Commits the files (more files at the next call) and gives the URL and the commit. */
    commit: async (
      name: string,
      files: Files,
    ): Promise<{ readonly url: string; readonly commit: string }> => {
      const folder = join(root, name)
      await mkdir(folder, { recursive: true })
      git(folder, "init", "--quiet")
      for (const [path, content] of Object.entries(files)) {
        const file = join(folder, path)
        await mkdir(dirname(file), { recursive: true })
        await rm(file, { force: true })
        if (typeof content === "string") await writeFile(file, content)
        else await symlink(content.link, file)
      }
      git(folder, "add", "--all")
      git(folder, "commit", "--quiet", "--allow-empty", "--message", "Change")
      return { url: `${origin}/${name}/.git`, commit: git(folder, "rev-parse", "HEAD") }
    },
    tag: (name: string, tag: string) => git(join(root, name), "tag", tag),
    close: async () => {
      server.closeAllConnections()
      server.close()
      await rm(root, { recursive: true, force: true })
    },
  }
}
export type GitServer = Awaited<ReturnType<typeof openGitServer>>
