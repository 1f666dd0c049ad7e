import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { expect, test } from "vitest"
import { nonce, until } from "./testing/Processes.ts"
import { assignment, openWorkbench, Receiver } from "./testing/Workbench.ts"

const freePort = async (): Promise<number> => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

test("an upload waits for a platform that is starting", { timeout: 60_000 }, async () => {
  const port = await freePort()
  const bench = await openWorkbench({ controlPlane: `http://127.0.0.1:${port}` })
  const platform = new Receiver()
  try {
    const build = assignment({
      _tag: "expression",
      expression: `{ pkgs, ... }: pkgs.runCommand "x" { nonce = "${nonce()}"; } "mkdir -p $out/bin; echo > $out/bin/x; chmod +x $out/bin/x"`,
    })
    await bench.assign(build)
    await until("it has tried", async () =>
      bench.lines(build.id).some(({ text }) => text.includes("trying again")),
    )
    expect((await bench.observed(build.id))?.phase).toBe("uploading")
    await platform.listen(port)
    const { observed } = await bench.finished(build.id)
    expect(observed.failure).toBeNull()
    expect([...platform.stored.keys()].filter((path) => path.endsWith(".narinfo"))).toHaveLength(1)
  } finally {
    platform.close()
    await bench.close()
  }
})
