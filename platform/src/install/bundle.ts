import { createHash } from "node:crypto"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Plugin } from "rolldown"

export const checkout = fileURLToPath(new URL("../../../", import.meta.url))

/** One file of JavaScript that needs nothing beside it. */
export interface Bundle {
  readonly code: Buffer
  readonly sha256: string
}

export type BundleName = "agent" | "launcher"

/** The program of each bundle, in the checkout. */
export const entries: Readonly<Record<BundleName, string>> = {
  agent: "agent/src/main.ts",
  launcher: "agent/src/launcher/main.ts",
}

/**
 * dockerode loads them when it starts: engines by ssh, builds by BuildKit, folders to build from. The agent talks to a
 * socket and has the engine build nothing, so it is given empty ones; together they would be five times the rest.
 */
const unused = new Set([
  "ssh2",
  "protobufjs",
  "@grpc/grpc-js",
  "@grpc/proto-loader",
  "tar-fs",
  "@balena/dockerignore",
])

const withoutUnused: Plugin = {
  name: "without-unused",
  resolveId: (id) => (unused.has(id) ? `\0unused:${id}` : null),
  load: (id) => (id.startsWith("\0unused:") ? "export default {}" : null),
}

/** What docker-modem takes from npm is a copy of the streams that every runtime has. */
const ownStreams: Plugin = {
  name: "own-streams",
  resolveId: (id) => (id === "readable-stream" ? `\0${id}` : null),
  load: (id) => (id === "\0readable-stream" ? 'export { Duplex } from "node:stream"' : null),
}

export const bundleOf = (code: Buffer): Bundle => ({
  code,
  sha256: createHash("sha256").update(code).digest("hex"),
})

/** What the agent's launcher reads in the first line: the version, and what it may do on Deno. */
const header = async (): Promise<string> => {
  const read = async (file: string) => JSON.parse(await readFile(join(checkout, file), "utf8"))
  const { version } = await read("agent/package.json")
  return `// ${JSON.stringify({ version, deno: await read("agent/permissions.json") })}\n`
}

/**
 * Bundles a program of the agent's. The same sources give the same bytes, wherever the checkout is.
 * `entry` is a path in the checkout, or an absolute one.
 */
export const bundle = async (entry: string, hasHeader: boolean): Promise<Bundle> => {
  const { rolldown } = await import("rolldown")
  const build = await rolldown({
    input: entry,
    cwd: checkout,
    platform: "node",
    tsconfig: false,
    plugins: [withoutUnused, ownStreams],
    logLevel: "warn",
  })
  try {
    const { output } = await build.generate({ format: "esm", minify: true, codeSplitting: false })
    return bundleOf(Buffer.from(`${hasHeader ? await header() : ""}${output[0].code}`))
  } finally {
    await build.close()
  }
}
