import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { createServer, type IncomingMessage } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import Docker from "dockerode"
import { Effect, Fiber } from "effect"
import { expect, it } from "vitest"
import { makeImageEngine } from "./ImageEngine.ts"

it("lets go of an image at once, also when the engine has not begun to answer", async () => {
  const folder = mkdtempSync(join(tmpdir(), "skypanel-engine-"))
  const engine = createServer()
  await once(engine.listen(join(folder, "docker.sock")), "listening")
  try {
    const asked = once(engine, "request")
    const { pull } = makeImageEngine(new Docker({ socketPath: join(folder, "docker.sock") }), folder)
    const pulling = Effect.runFork(pull("registry.test/common@sha256:0", { username: "w", password: "p" }))
    const [request] = (await asked) as [IncomingMessage]
    const gone = once(request.socket, "close")
    await Effect.runPromise(Fiber.interrupt(pulling))
    await gone
    expect(request.url).toContain("/images/create")
  } finally {
    engine.closeAllConnections()
    engine.close()
    rmSync(folder, { recursive: true })
  }
})
