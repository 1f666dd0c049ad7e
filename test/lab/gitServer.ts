import { execFileSync, spawn } from "node:child_process"
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { createServer as createSecureServer } from "node:https"
import type { AddressInfo } from "node:net"
import { networkInterfaces, tmpdir } from "node:os"
import { dirname, join } from "node:path"
import type { Certificate } from "./authority.ts"
import { answerLfs } from "./lfsServer.ts"

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

/** A file, a link, or the commit of a submodule. */
export type Files = Readonly<Record<string, string | { readonly link: string } | { readonly commit: string }>>

export interface GitServerOptions {
  /** Who asks has to be this, as `user:password`. */
  readonly login?: string
  /** Where it listens. git-lfs asks loopback addresses itself, without a proxy. */
  readonly host?: string
  /** It speaks TLS. */
  readonly certificate?: Certificate
}

/** An address of this machine that is not loopback. */
export const machineAddress = (): string => {
  const addresses = Object.values(networkInterfaces()).flatMap((found = []) => found)
  const own = addresses.find(({ family, internal }) => family === "IPv4" && !internal)
  if (own === undefined) throw new Error("this machine has no address but loopback")
  return own.address
}

// As git-lfs sets itself up, for the repositories of tests alone.
const lfs = ["clean", "smudge"].flatMap((way) => ["-c", `filter.lfs.${way}=git-lfs ${way} -- %f`])

export const openGitServer = async ({ login, host = "127.0.0.1", certificate }: GitServerOptions = {}) => {
  const root = await mkdtemp(join(tmpdir(), "skypanel-git-"))
  const asked: Array<string | undefined> = []
  const respond = (request: IncomingMessage, response: ServerResponse): void => {
    const { authorization } = request.headers
    asked.push(authorization)
    if (login === undefined || authorization === `Basic ${Buffer.from(login).toString("base64")}`)
      return void (answerLfs(root, origin, request, response) || answer(root, request, response))
    response.writeHead(401, { "WWW-Authenticate": 'Basic realm="Git"' }).end()
  }
  const server =
    certificate === undefined ? createServer(respond) : createSecureServer({ ...certificate }, respond)
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  const origin = `${certificate === undefined ? "http" : "https"}://${host}:${(server.address() as AddressInfo).port}`
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
        ...lfs,
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
        await rm(file, { force: true, recursive: true })
        if (typeof content === "string") await writeFile(file, content)
        else if ("link" in content) await symlink(content.link, file)
        else {
          // As one that nobody has fetched.
          await mkdir(file)
          git(folder, "update-index", "--add", "--cacheinfo", `160000,${content.commit},${path}`)
        }
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
