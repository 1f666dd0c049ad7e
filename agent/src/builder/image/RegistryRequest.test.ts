import { once } from "node:events"
import { readFileSync } from "node:fs"
import { createServer } from "node:https"
import { type AddressInfo, connect } from "node:net"
import { expect, it } from "vitest"
import { makeAuthority } from "../../../../test/lab/authority.ts"
import { ask, readText } from "./RegistryRequest.ts"

it("a registry is believed whose certificate is of an authority that this machine trusts, and no other", async () => {
  const [own, stranger] = [makeAuthority(), makeAuthority()]
  const registry = createServer(own.issue("IP:127.0.0.1"), (_, answer) => answer.end("here"))
  try {
    await once(registry.listen(0, "127.0.0.1"), "listening")
    const { port } = registry.address() as AddressInfo
    const asked = (file: string) =>
      ask(
        { connect: async () => connect(port, "127.0.0.1"), authorities: readFileSync(file, "utf8") },
        `https://127.0.0.1:${port}/v2/`,
        {},
        AbortSignal.timeout(10_000),
      )
    expect(await readText(await asked(own.file), 100)).toBe("here")
    await expect(asked(stranger.file)).rejects.toMatchObject({
      detail: expect.stringMatching(/issuer|verify/),
    })
  } finally {
    registry.closeAllConnections()
    registry.close()
    for (const authority of [own, stranger]) authority.remove()
  }
})
