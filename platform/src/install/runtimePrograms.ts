import { existsSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import type { AgentRuntime } from "@skypanel/contract/Installation"
import type { Architecture } from "./facts.ts"

export const architectures: ReadonlyArray<Architecture> = ["x86_64", "aarch64"]

/** As npm packages call them. */
const npmNames: Readonly<Record<Architecture, "x64" | "arm64">> = { x86_64: "x64", aarch64: "arm64" }

/**
 * Where the npm packages of a runtime have the program for a kind of machine: the npm package `node` for the machine
 * it was installed on, the others in packages of their own.
 */
const places: Readonly<
  Record<AgentRuntime, (machine: "x64" | "arm64") => ReadonlyArray<readonly [string, string]>>
> = {
  deno: (machine) => [[`@deno/linux-${machine}-glibc`, "deno"]],
  node: (machine) => [
    ...(process.platform === "linux" && process.arch === machine ? [["node", "bin/node"] as const] : []),
    [`node-linux-${machine}`, "bin/node"],
  ],
}

/** The folder of an npm package, as the platform's own dependency or one of `deno`'s or `node`'s. */
const folderOf = (name: string): string | null => {
  for (const from of ["", "deno/package.json", "node/package.json"]) {
    try {
      const own = createRequire(import.meta.url)
      const require = from === "" ? own : createRequire(own.resolve(from))
      return dirname(require.resolve(`${name}/package.json`))
    } catch {
      // Not from there.
    }
  }
  return null
}

/** The program on this machine's disk; null where no npm package brought it. */
export const findRuntime = (runtime: AgentRuntime, architecture: Architecture): string | null => {
  for (const [name, file] of places[runtime](npmNames[architecture])) {
    const folder = folderOf(name)
    if (folder !== null && existsSync(join(folder, file))) return join(folder, file)
  }
  return null
}
