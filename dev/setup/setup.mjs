import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { delimiter, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { ensureNpmPackages, node24 } from "./npm-packages.mjs"
import { SetupFailure, say, startedAt } from "./steps.mjs"
import { ensureSystemPackages } from "./system-packages.mjs"

// The first step of every command of this repository. Only what Node 20 itself has may be used here:
// nothing is installed yet.

export const checkout = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const log = join(checkout, ".skypanel", "log", "setup.log")

/** The environment in which `node`, and the programs npm brought, are the checkout's own. */
export const environment = () => ({
  ...process.env,
  SKYPANEL_STARTED_AT: String(startedAt),
  PATH: [
    dirname(node24(checkout)),
    join(checkout, "node_modules", ".bin"),
    process.env.PATH ?? "",
    "/usr/sbin:/sbin",
  ].join(delimiter),
})

/** The kernel ends the child when we are killed. */
const setpriv = ["/usr/bin/setpriv", "/run/current-system/sw/bin/setpriv"].find((path) => existsSync(path))

/** npm that was killed cannot pass a signal on: nobody would know that we are still here. */
const whenOrphaned = (then) => {
  const parent = process.ppid
  const byNpm = process.env.npm_lifecycle_event !== undefined
  const watch = setInterval(() => {
    if (!byNpm || process.ppid === parent) return
    clearInterval(watch)
    then()
  }, 1000)
  return watch
}

/**
 * Runs a TypeScript file under Node 24 with our terminal and gives its exit code. Signals to us go to it.
 * @param {ReadonlyArray<string>} args
 * @returns {Promise<number>}
 */
export const runNode24 = (args) =>
  new Promise((resolve) => {
    const tie = setpriv ? [setpriv, "--pdeathsig", "TERM", "--"] : []
    const [command, ...rest] = [...tie, node24(checkout), ...args]
    const child = spawn(command, rest, { stdio: "inherit", env: environment() })
    const forward = (signal) => child.kill(signal)
    const end = () => child.kill("SIGTERM") // the terminal was closed
    process.on("SIGINT", forward).on("SIGTERM", forward).on("SIGHUP", end)
    const orphaned = whenOrphaned(end)
    child.on("close", (code) => {
      clearInterval(orphaned)
      process.off("SIGINT", forward).off("SIGTERM", forward).off("SIGHUP", end)
      resolve(code ?? 1)
    })
  })

/**
 * Installs what is missing for `purpose`.
 * @param {"check" | "run" | "test" | "bench"} purpose `check` needs npm packages only
 */
export const setUp = async (purpose) => {
  await ensureNpmPackages(checkout, log)
  if (purpose !== "check") await ensureSystemPackages(purpose, log)
}

/**
 * The whole of a command: set up, then do; failures in words, and an exit code.
 * @param {"check" | "run" | "test" | "bench"} purpose
 * @param {() => Promise<number>} then
 */
export const command = async (purpose, then) => {
  try {
    await setUp(purpose)
    process.exitCode = await then()
  } catch (error) {
    if (!(error instanceof SetupFailure)) throw error
    say(error.message)
    process.exitCode = 1
  }
}
