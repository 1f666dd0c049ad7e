#!/usr/bin/env node
// Starts the command line on the project's own Node 24, whichever Node the machine has. Runs on Node 20: only
// built-in modules, no TypeScript.
import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { constants } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const cli = dirname(dirname(fileURLToPath(import.meta.url)))
const main = join(cli, "src", "main.ts")
const node = join(dirname(cli), "node_modules", "node", "bin", "node")
const cache = join(dirname(cli), "node_modules", ".cache", "skypanel-cli")

const [major, minor] = process.versions.node.split(".").map(Number)
if (major > 22 || (major === 22 && minor >= 18)) {
  // Compiled modules are kept between starts: without it each start compiles some 300 files (0.3 s).
  const { enableCompileCache } = await import("node:module")
  enableCompileCache(cache)
  await import(main)
} else if (existsSync(node)) {
  const child = spawn(node, [main, ...process.argv.slice(2)], {
    stdio: "inherit",
    env: { ...process.env, NODE_COMPILE_CACHE: cache },
  })
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal))
  child.on("error", (error) => {
    console.error(`skypanel: ${node} does not start: ${error.message}`)
    process.exit(70)
  })
  child.on("exit", (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : (code ?? 70)))
} else {
  console.error(
    "skypanel: the project's packages are not installed.\nNext: run `npm install` in the checkout.",
  )
  process.exit(70)
}
