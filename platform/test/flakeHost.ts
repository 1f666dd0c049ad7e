import { execFile } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { Effect, Layer, ManagedRuntime } from "effect"
import { AgentBundle } from "../src/install/AgentBundle.ts"
import { Flake, type FlakeTarball } from "../src/install/Flake.ts"

export const agentText = "// the agent\n"

const bundles = Layer.succeed(AgentBundle, {
  agent: Effect.succeed({
    code: Buffer.from(agentText),
    sha256: "a".repeat(64),
    version: "0.1.0+aaaaaaaa",
  }),
  launcher: Effect.succeed({ code: Buffer.from("// the launcher\n"), sha256: "b".repeat(64) }),
})

export interface FlakeHost {
  readonly url: string
  readonly tarball: FlakeTarball
  /** A folder that is removed with it. */
  readonly folder: string
  /** Runs Nix with a store of its own, which asks nobody but us; gives what it prints. */
  readonly nix: (...args: ReadonlyArray<string>) => Promise<string>
  /** Writes a `flake.nix` into a folder of its own; gives the reference of that flake. */
  readonly write: (name: string, text: string) => string
  /** Serves other bytes instead. */
  instead: Buffer | null
  readonly stop: () => Promise<void>
}

const environment = (folder: string) => ({
  PATH: process.env.PATH,
  HOME: folder,
  NIX_STORE_DIR: join(folder, "nix/store"),
  NIX_STATE_DIR: join(folder, "nix/var"),
  NIX_LOG_DIR: join(folder, "nix/log"),
  NIX_CONF_DIR: join(folder, "nix/etc"),
  NIX_REMOTE: "local",
  // A machine's channel, where a test has put one.
  NIX_PATH: `nixpkgs=${join(folder, "nixpkgs")}`,
  NIX_CONFIG: [
    "experimental-features = nix-command flakes",
    `flake-registry = ${join(folder, "registry.json")}`,
    "substituters =",
    "build-users-group =",
  ].join("\n"),
})

/** Serves the platform's own flake on loopback, and takes it with the real Nix. */
export const startFlakeHost = async (): Promise<FlakeHost> => {
  const folder = mkdtempSync(join(tmpdir(), "skypanel-flake-"))
  writeFileSync(join(folder, "registry.json"), '{ "flakes": [], "version": 2 }')
  const runtime = ManagedRuntime.make(Flake.layer.pipe(Layer.provide(bundles)))
  const tarball = await runtime.runPromise(Effect.flatMap(Flake, (flake) => flake.tarball))
  await runtime.dispose()
  const server = createServer((request, response) => {
    if (request.url?.split("?")[0] !== tarball.path) return response.writeHead(404).end()
    response.end(host.instead ?? tarball.content)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const host: FlakeHost = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tarball,
    folder,
    nix: async (...args) => {
      const ran = await promisify(execFile)("nix", args, { env: environment(folder), timeout: 60_000 })
      return ran.stdout
    },
    write: (name, text) => {
      mkdirSync(join(folder, name), { recursive: true })
      writeFileSync(join(folder, name, "flake.nix"), text)
      return `path:${join(folder, name)}`
    },
    instead: null,
    stop: async () => {
      await new Promise((resolve) => server.close(resolve))
      rmSync(folder, { recursive: true, force: true })
    },
  }
  return host
}
