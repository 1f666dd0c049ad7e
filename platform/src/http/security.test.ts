import type { AddressInfo } from "node:net"
import Koa from "koa"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { refuseForeignOrigins, securityHeaders } from "./security.ts"

const ours = "http://localhost:8080"
const app = new Koa()
app.use(securityHeaders(false))
app.use(refuseForeignOrigins([ours]))
app.use((ctx) => {
  ctx.body = "done"
})
let url = ""
let server: ReturnType<typeof app.listen>

beforeAll(async () => {
  server = app.listen(0, "127.0.0.1")
  await new Promise((resolve) => server.once("listening", resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => server.close())

const ask = (method: string, origin?: string) =>
  fetch(url, { method, headers: origin === undefined ? {} : { origin } })

describe("requests that change something", () => {
  it("are taken from our own page, and from programs, which have no origin", async () => {
    expect((await ask("POST", ours)).status).toBe(200)
    expect((await ask("DELETE")).status).toBe(200)
  })

  it.each(["http://evil-acme.localhost:8000", "http://localhost:8000", "null", "https://localhost:8080"])(
    "are refused from %s",
    async (origin) => {
      for (const method of ["POST", "PATCH", "PUT", "DELETE"])
        expect((await ask(method, origin)).status, method).toBe(403)
      expect((await ask("GET", origin)).status).toBe(200)
    },
  )
})

it("nothing is framed, sniffed or loaded from elsewhere", async () => {
  const { headers } = await ask("GET")
  expect(headers.get("x-frame-options")).toBe("DENY")
  expect(headers.get("x-content-type-options")).toBe("nosniff")
  expect(headers.get("content-security-policy")).toContain("default-src 'self'")
})
