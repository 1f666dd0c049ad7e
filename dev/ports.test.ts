import { createServer } from "node:net"
import { Effect } from "effect"
import { expect, it, onTestFinished } from "vitest"
import { ensurePortFree, freePort, listenerOf } from "./ports.ts"

it("names who listens on a port, and the setting that would change it", async () => {
  const server = createServer()
  const port = await new Promise<number>((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port)),
  )
  onTestFinished(() => void server.close())
  expect(listenerOf(port)).toMatch(`(process ${process.pid})`)
  const error = await Effect.runPromise(Effect.flip(ensurePortFree(port, "SKYPANEL_PORT", "127.0.0.1")))
  expect(error).toMatchObject({
    what: `Port ${port}`,
    why: expect.stringMatching(/^is taken by .+ \(process \d+\)$/),
    remedy: "end that program, or set SKYPANEL_PORT in .env to another port",
  })
})

it("finds a port that can be listened on", async () => {
  const port = await Effect.runPromise(freePort)
  expect(listenerOf(port)).toBeUndefined()
  await Effect.runPromise(ensurePortFree(port, "SKYPANEL_PORT", "127.0.0.1"))
})
