import { execFile, spawn } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer, type Server } from "node:http"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { promisify } from "node:util"

const run = promisify(execFile)

export interface TestRepository {
  readonly url: string
  /** Commits these files on `main` and gives the commit's id. */
  readonly commit: (files: Readonly<Record<string, string>>) => Promise<string>
  readonly close: () => Promise<void>
}

const git = (directory: string, ...args: ReadonlyArray<string>) =>
  run("git", ["-C", directory, ...args], {
    env: {
      ...process.env,
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_AUTHOR_NAME: "Test",
      GIT_AUTHOR_EMAIL: "test@example.com",
      GIT_COMMITTER_NAME: "Test",
      GIT_COMMITTER_EMAIL: "test@example.com",
    },
  })

/** Serves one folder's repositories by Git's own smart HTTP program, on loopback, for reading. */
const serve = (root: string) =>
  new Promise<Server>((resolve) => {
    const server = createServer((request, response) => {
      const url = new URL(request.url ?? "/", "http://git")
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
        } as NodeJS.ProcessEnv,
        stdio: ["pipe", "pipe", "ignore"],
      })
      request.pipe(backend.stdin)
      const chunks: Array<Buffer> = []
      backend.stdout.on("data", (chunk: Buffer) => chunks.push(chunk))
      backend.on("close", () => {
        const answer = Buffer.concat(chunks)
        const cut = answer.indexOf("\r\n\r\n")
        let status = 200
        for (const line of answer.subarray(0, cut).toString().split("\r\n")) {
          const [name = "", value = ""] = line.split(/: (.*)/s)
          if (name.toLowerCase() === "status") status = Number(value.slice(0, 3))
          else if (name !== "") response.setHeader(name, value)
        }
        response.writeHead(status).end(answer.subarray(cut + 4))
      })
    }).listen(0, "127.0.0.1", () => resolve(server))
  })

/** A Git repository of a test's own, served over HTTP on loopback. */
export const makeRepository = async (): Promise<TestRepository> => {
  const root = mkdtempSync(join(tmpdir(), "skypanel-repository-"))
  const directory = join(root, "app")
  mkdirSync(directory)
  await git(directory, "init", "--quiet", "--initial-branch=main")
  const server = await serve(root)
  const { port } = server.address() as { port: number }
  return {
    url: `http://127.0.0.1:${port}/app/.git`,
    commit: async (files) => {
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(directory, name)), { recursive: true })
        writeFileSync(join(directory, name), text)
      }
      await git(directory, "add", "--all")
      await git(directory, "commit", "--quiet", "--message", "Change", "--allow-empty")
      return (await git(directory, "rev-parse", "HEAD")).stdout.trim()
    },
    close: async () => {
      await new Promise((resolve) => {
        server.close(resolve)
        server.closeAllConnections()
      })
      rmSync(root, { recursive: true, force: true })
    },
  }
}
