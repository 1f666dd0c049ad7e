import { existsSync, readFileSync } from "node:fs"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { extname } from "node:path"
import { Readable } from "node:stream"
import type { ReadableStream } from "node:stream/web"
import { fileURLToPath } from "node:url"
import type { UserId } from "@skypanel/contract/Id"
import { Layer } from "effect"
import { HttpRouter } from "effect/http"
import { FakePlatform } from "./FakePlatform.ts"
import { type FakeUser, handlers } from "./handlers.ts"
import { fakeId } from "./ids.ts"

const builtPage = fileURLToPath(new URL("../../dist", import.meta.url))

/** As strict as the page can bear: a violation shows as an error in the browser's console. */
export const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

const types: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
}

export const accounts = {
  administrator: {
    id: fakeId("usr") as UserId,
    email: "ada@example.org",
    name: "Ada Example",
    administrator: true,
    password: "analytical",
  },
  member: {
    id: fakeId("usr") as UserId,
    email: "bob@example.org",
    name: "Bob Example",
    administrator: false,
    password: "builder",
  },
} as const

type Handler = (request: IncomingMessage, response: ServerResponse) => void

export interface FakeServer {
  readonly url: string
  readonly platform: FakePlatform
  readonly server: Server
  readonly close: () => Promise<void>
}

/** Starts the fake on loopback. `page`: who answers everything that is no API call; the built page by default. */
export const startFake = async (options: {
  readonly stepMs: number
  readonly port?: number
  readonly page?: (server: Server) => Promise<Handler>
  /** Where the built page is; `ui/dist` by default. */
  readonly dist?: string
}): Promise<FakeServer> => {
  const platform = new FakePlatform(options)
  const users = new Map<string, FakeUser>()
  const api = HttpRouter.toWebHandler(handlers(platform, users).pipe(Layer.orDie), { disableLogger: true })
  let page: Handler = servePage(options.dist ?? builtPage)
  const server = createServer((request, response) => {
    const path = request.url ?? "/"
    if (path.startsWith("/api/auth/")) void signing(users, request, response)
    else if (path.startsWith("/api/")) void bridge(api.handler, request, response)
    else page(request, response)
  })
  if (options.page) page = await options.page(server)
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    platform,
    server,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await api.dispose()
    },
  }
}

const readBody = async (request: IncomingMessage): Promise<string> => {
  let text = ""
  for await (const chunk of request) text += chunk
  return text
}

const signing = async (
  users: Map<string, FakeUser>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const cookie = (value: string, age: number) =>
    `skypanel.session_token=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${age}`
  if (request.url?.endsWith("/sign-out")) {
    users.delete(/skypanel\.session_token=([^;]+)/.exec(request.headers.cookie ?? "")?.[1] ?? "")
    response.writeHead(200, { "set-cookie": cookie("", 0), "content-type": "application/json" }).end("{}")
    return
  }
  const given = JSON.parse(await readBody(request)) as { email: string; password: string }
  const account = Object.values(accounts).find(
    ({ email, password }) => email === given.email && password === given.password,
  )
  if (!account) {
    response
      .writeHead(401, { "content-type": "application/json" })
      .end('{"code":"INVALID_EMAIL_OR_PASSWORD"}')
    return
  }
  const token = crypto.randomUUID()
  const { password: _, ...user } = account
  users.set(token, user)
  response
    .writeHead(200, { "set-cookie": cookie(token, 86_400), "content-type": "application/json" })
    .end(JSON.stringify({ user }))
}

const bridge = async (
  handler: (request: Request) => Promise<Response>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const abort = new AbortController()
  response.once("close", () => abort.abort())
  const hasBody = request.method !== "GET" && request.method !== "HEAD"
  const answer = await handler(
    new Request(`http://${request.headers.host}${request.url}`, {
      method: request.method ?? "GET",
      headers: request.headers as Record<string, string>,
      signal: abort.signal,
      ...(hasBody ? { body: Buffer.from(await readBody(request)) } : {}),
    }),
  )
  response.writeHead(answer.status, Object.fromEntries(answer.headers))
  if (!answer.body) {
    response.end()
    return
  }
  const body = Readable.fromWeb(answer.body as ReadableStream)
  body.on("error", () => response.destroy())
  body.pipe(response)
}

const servePage =
  (dist: string): Handler =>
  (request, response) => {
    const path = new URL(request.url ?? "/", "http://fake").pathname
    const file = `${dist}${path}`
    const found = !path.includes("..") && extname(path) !== "" && existsSync(file)
    const name = found ? file : `${dist}/index.html`
    response
      .writeHead(200, {
        "content-type": types[extname(name)] ?? "application/octet-stream",
        "content-security-policy": contentSecurityPolicy,
      })
      .end(readFileSync(name))
  }
