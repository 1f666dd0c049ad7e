import { spawnSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { runLogged, SetupFailure, say } from "./steps.mjs"

const read = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : { packages: {} })

/**
 * The packages of package-lock.json that node_modules has not, or has in another version. npm keeps what it
 * installed in node_modules/.package-lock.json; optional packages are for other machines when they are missing.
 * @param {string} checkout
 * @returns {ReadonlyArray<string>}
 */
export const missingNpmPackages = (checkout) => {
  const wanted = read(join(checkout, "package-lock.json")).packages
  const present = read(join(checkout, "node_modules", ".package-lock.json")).packages
  return Object.entries(wanted)
    .filter(([path, { link }]) => path.startsWith("node_modules/") && !link)
    .filter(([path, { version, optional }]) => !optional && present[path]?.version !== version)
    .map(([path]) => path)
}

/** Node 24, as the npm package `node` brings it. */
export const node24 = (checkout) => join(checkout, "node_modules", "node", "bin", "node")

const works = (program) => spawnSync(program, ["--version"], { stdio: "ignore" }).status === 0

/**
 * Installs what package-lock.json names, when node_modules is something else.
 * @param {string} checkout
 * @param {string} log
 */
export const ensureNpmPackages = async (checkout, log) => {
  const missing = missingNpmPackages(checkout)
  if (missing.length > 0) {
    say(`installing ${missing.length} npm packages …`)
    await runLogged(log, "npm", ["ci", "--no-audit", "--no-fund", "--prefix", checkout])
  }
  if (works(node24(checkout))) return
  // npm may be set to run no install scripts; this package fetches its program in one.
  say("installing Node 24 …")
  await runLogged(log, "npm", ["rebuild", "node", "--ignore-scripts=false", "--prefix", checkout])
  if (!works(node24(checkout))) throw new SetupFailure(`${node24(checkout)} does not run; see ${log}`)
}
