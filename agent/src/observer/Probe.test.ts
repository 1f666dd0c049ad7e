import type { AddressInfo } from "node:net"
import { createServer } from "node:net"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { application, freePort } from "../../test/edge.ts"
import { probe } from "./Probe.ts"

const look = (port: number, healthPath: string | null, host: string | null = null) =>
  Effect.runPromise(probe({ address: "127.0.0.1", port, healthPath, host }))

describe("probe", () => {
  it.each([
    [200, true],
    [302, true],
    [404, false],
    [500, false],
  ])("takes an answer %d as healthy: %s", async (status, healthy) => {
    const { port, close } = await application((_, response) => {
      response.statusCode = status
      response.end()
    })
    expect(await look(port, "/health")).toEqual({ healthy, words: `GET /health answered ${status}` })
    await close()
  })

  it("asks by the service's own name", async () => {
    const { port, close } = await application((request, response) => {
      response.statusCode = request.headers.host === "a-b.localhost" ? 200 : 400
      response.end()
    })
    expect((await look(port, "/", "a-b.localhost")).healthy).toBe(true)
    await close()
  })

  it("tells a port that nobody listens on", async () => {
    const port = await freePort()
    const words = `connection refused: nothing listens on port ${port}`
    expect(await look(port, "/")).toEqual({ healthy: false, words })
    expect(await look(port, null)).toEqual({ healthy: false, words })
  })

  it("is content with a connection where there is no path, and tells one that is closed again from an answer", async () => {
    const server = createServer((socket) => socket.end())
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const { port } = server.address() as AddressInfo
    expect(await look(port, null)).toEqual({ healthy: true, words: `port ${port} accepts connections` })
    const closed = await look(port, "/")
    expect(closed).toEqual({ healthy: false, words: `port ${port} closed the connection without an answer` })
    server.close()
  })

  it("waits two seconds for an answer, no longer", async () => {
    const { port, close } = await application(() => undefined)
    const began = performance.now()
    expect(await look(port, "/slow")).toEqual({
      healthy: false,
      words: "GET /slow did not answer within 2 s",
    })
    expect(performance.now() - began).toBeLessThan(3_000)
    await close()
  })

  it("does not read a body without an end", async () => {
    const { port, close } = await application((_, response) => {
      const more = () => response.write("x".repeat(65_536), (error) => error || setImmediate(more))
      more()
    })
    expect((await look(port, "/")).healthy).toBe(true)
    await close()
  })
})
