import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { networkInterfaces } from "node:os"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { nonce } from "./testing/Processes.ts"
import { openWorkbench, type Workbench } from "./testing/Workbench.ts"

/** Servers of this machine that a build must not reach, and one that it may. */
const serve = async (host: string): Promise<{ server: Server; port: number; asked: Array<string> }> => {
  const asked: Array<string> = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? "")
    response.end("canary")
  })
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  return { server, port: (server.address() as AddressInfo).port, asked }
}

let bench: Workbench
let canary: Awaited<ReturnType<typeof serve>>
let registry: Awaited<ReturnType<typeof serve>>
beforeAll(async () => {
  canary = await serve("0.0.0.0")
  registry = await serve("127.0.0.1")
  bench = await openWorkbench({ npmRegistry: `http://127.0.0.1:${registry.port}/` })
}, 180_000)
afterAll(async () => {
  await bench?.close()
  canary?.server.close()
  registry?.server.close()
})

const sha256OfCanary = "sha256-4QD7zgCMBOxAY3rwr5H7LwWu7cI/hWotPAsVgGJddV4="
/** A derivation of a file by its hash, which Nix fetches itself. */
const fetched = (url: string) => `{ pkgs, ... }: import <nix/fetchurl.nix> {
  url = "${url}"; name = "x${nonce()}"; hash = "${sha256OfCanary}"; }`
/** One that runs a script of its own with the network that derivations by hash have. */
const fixed = (script: string) => `{ pkgs, ... }: pkgs.runCommand "fixed" {
  outputHash = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="; outputHashMode = "flat"; nonce = "${nonce()}";
} ''
${script}
''`
const expression = async (text: string, limits = {}) =>
  bench.build({ _tag: "expression", expression: text }, limits)
const addresses = () =>
  Object.values(networkInterfaces())
    .flat()
    .flatMap((address) => (address?.family === "IPv4" && !address.internal ? [address.address] : []))

describe("a derivation by hash", { timeout: 60_000 }, () => {
  test("is fetched from the configured registry, wherever that is", async () => {
    const { observed } = await expression(fetched(`http://127.0.0.1:${registry.port}/allowed`))
    // It was fetched and has the right hash; a file starts nothing.
    expect(observed.failure?.code).toBe("no-command")
    expect(registry.asked).toContain("/allowed")
  })
  test.each(["127.0.0.1", "localhost", "0.0.0.0", "[::ffff:127.0.0.1]", "2130706433"])(
    "cannot be fetched from this machine as %s",
    async (host) => {
      const { observed } = await expression(fetched(`http://${host}:${canary.port}/loopback`))
      expect(observed.phase).toBe("failed")
      expect(canary.asked).toEqual([])
    },
  )
  test("cannot be fetched from this machine's own addresses, nor from the port 80 of the metadata address", async () => {
    for (const address of [...addresses(), "169.254.169.254"]) {
      const { observed } = await expression(fetched(`http://${address}/x`))
      expect(observed.failure?.code).toBe("build-failed")
      expect(observed.failure?.detail).toContain(`${address}:80 (builds reach public addresses only)`)
    }
    expect(canary.asked).toEqual([])
  })
  test("has no other way out: neither directly, nor to the platform, nor to abstract sockets of this machine", async () => {
    const platform = new URL(bench.config.controlPlane).port
    const { lines } = await expression(
      fixed(`
        for address in 127.0.0.1:${canary.port} 127.0.0.1:${platform} ${addresses()
          .map((address) => `${address}:${canary.port}`)
          .join(" ")}; do
          if (exec 3<>/dev/tcp/''\${address%:*}/''\${address#*:}) 2>/dev/null; then echo "REACHED $address"; else echo "closed $address"; fi
        done
        echo "devices $(cut -d: -f1 /proc/net/dev | tail -n +3 | tr -d '\\n ')"
        echo "sockets $(grep -c '@' /proc/net/unix || true)"
        if exec 3<>/dev/tcp/127.0.0.1/3128; then
          printf 'CONNECT 127.0.0.1:${canary.port} HTTP/1.1\\r\\n\\r\\n' >&3; head -n 1 <&3
        fi
        exit 1`),
    )
    const texts = lines.map(({ text }) => text.trim())
    expect(texts.filter((text) => text.startsWith("closed")).length).toBeGreaterThanOrEqual(2)
    expect(texts.filter((text) => text.startsWith("REACHED"))).toEqual([])
    expect(texts).toContain("devices lo")
    expect(texts).toContain("sockets 0")
    expect(texts).toContain("HTTP/1.1 403 Refused")
    expect(canary.asked).toEqual([])
  })
})

test("a build without a hash has no network at all", { timeout: 60_000 }, async () => {
  const { lines } = await expression(
    `{ pkgs, ... }: pkgs.runCommand "probe" { nonce = "${nonce()}"; } ''
      (exec 3<>/dev/tcp/127.0.0.1/3128) 2>/dev/null && echo REACHED || echo closed
      exit 1
    ''`,
  )
  expect(lines.map(({ text }) => text)).toContain("closed")
})
