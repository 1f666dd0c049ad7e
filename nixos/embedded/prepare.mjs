#!/usr/bin/env node
/**
 * Makes the embedded package set ready on this machine: downloads the Debian packages that `packages.json` names,
 * puts them and the expressions in the Nix store, and builds the base packages in advance.
 *
 *   node nixos/embedded/prepare.mjs --data FOLDER [--update] [--no-realise] [--npm-registry URL]
 *
 * Standard output: one line of JSON, see README.md. Standard error: progress. Exit code 1 with a message on failure.
 */
import { createHash } from "node:crypto"
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises"
import { resolve as absolute, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { download, locate, refreshLists, resolve } from "./prepare/debian.mjs"
import { PrepareError, progress, run } from "./prepare/run.mjs"
import { absentOf, add, addFixed, allValid, fixedPath, keep, narHash, realise } from "./prepare/store.mjs"

const here = dirname(fileURLToPath(import.meta.url))
const isExpression = (name) => !/\.(test\.ts|md)$/.test(name) && name !== "prepare" && name !== "prepare.mjs"

const readJson = async (path) => JSON.parse(await readFile(path, "utf8"))
const readJsonIfThere = (path) => readJson(path).catch(() => undefined)

const writeAtomically = async (path, text) => {
  await writeFile(`${path}.new`, text)
  await rename(`${path}.new`, path)
}

/** Changes with every byte of the expressions and of this file, so that an edited checkout is put in the store again. */
const fingerprintOf = async (folder) => {
  const hash = createHash("sha256")
  const visit = async (path) => {
    const entries = await readdir(path, { withFileTypes: true })
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (!isExpression(entry.name)) continue
      const child = join(path, entry.name)
      if (entry.isDirectory()) await visit(child)
      else
        hash
          .update(`${child.slice(folder.length)}\0`)
          .update(await readFile(child))
          .update("\0")
    }
  }
  await visit(folder)
  hash.update(await readFile(fileURLToPath(import.meta.url)))
  return hash.digest("hex")
}

const debianRoots = ({ bootstrap, debian, python, pythonPrograms }) => [
  ...new Set([bootstrap, debian, python, pythonPrograms].flatMap((each) => Object.values(each).flat())),
]

/** The lock: which Debian packages, at which version and hash. Made once; made anew with --update or other wishes. */
const lockOf = async (data, wanted, update) => {
  const path = join(data, "debian.lock.json")
  const roots = debianRoots(wanted)
  const old = await readJsonIfThere(path)
  const sameWish = old !== undefined && JSON.stringify(old.roots) === JSON.stringify(roots)
  if (sameWish && !update && (await allValid(old.packages.map((entry) => entry.storePath)))) return old
  await refreshLists()
  progress(`resolving ${roots.length} Debian packages`)
  const entries = await locate(await resolve(roots))
  const packages = entries.map((entry) => ({ ...entry, storePath: fixedPath(entry.file, entry.sha256) }))
  const storePaths = packages.map((entry) => entry.storePath)
  const absent = await absentOf(storePaths)
  const debs = join(data, "debs")
  const missing = packages.filter((entry) => absent.has(entry.storePath))
  await download(missing, debs)
  await addFixed(missing.map((entry) => join(debs, entry.file)))
  await keep(storePaths, join(data, "roots", "debs", "deb"))
  const lock = { roots, packages }
  await writeAtomically(path, `${JSON.stringify(lock, null, 1)}\n`)
  await rm(debs, { recursive: true, force: true })
  return lock
}

const npmRegistryOf = async (given) => {
  const registry =
    given ?? process.env.npm_config_registry ?? (await run("npm", ["config", "get", "registry"])).trim()
  if (!/^https?:\/\//.test(registry))
    throw new PrepareError(`"${registry}" is not the URL of an npm registry`)
  return registry.replace(/\/+$/, "")
}

/** The folder that is put in the store: our expressions, the lock, and the one program that starts everything. */
const entryFolder = async (data, lock, npmRegistry) => {
  const folder = join(data, "entry", "source")
  await rm(dirname(folder), { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  await cp(here, folder, {
    recursive: true,
    filter: (path) => path === here || isExpression(path.split("/").at(-1)),
  })
  const debian = Object.fromEntries(
    lock.packages.map(({ name, version, file, url, sha256, depends }) => [
      name,
      { version, file, url, sha256, depends },
    ]),
  )
  await writeFile(join(folder, "lock.json"), `${JSON.stringify({ npmRegistry, debian }, null, 1)}\n`)
  const busybox = lock.packages.find((entry) => entry.name === "busybox-static")
  const unpacked = join(data, "entry", "busybox")
  await run("dpkg-deb", ["-x", busybox.storePath, unpacked])
  await mkdir(join(folder, "bootstrap", "bin"), { recursive: true })
  await cp(join(unpacked, "bin", "busybox"), join(folder, "bootstrap", "bin", "busybox"))
  return folder
}

const main = async () => {
  const { values } = parseArgs({
    options: {
      data: { type: "string" },
      update: { type: "boolean", default: false },
      "no-realise": { type: "boolean", default: false },
      "npm-registry": { type: "string" },
    },
  })
  if (!values.data) throw new PrepareError("say where to keep the data: --data FOLDER")
  if (process.arch !== "x64" || process.platform !== "linux") {
    throw new PrepareError(
      `the embedded package set is for x86_64-linux, this is ${process.arch}-${process.platform}`,
    )
  }
  const data = absolute(values.data)
  const statePath = join(data, "state.json")
  const fingerprint = await fingerprintOf(here)
  const old = await readJsonIfThere(statePath)
  const unchanged =
    !values.update && old?.fingerprint === fingerprint && (values["no-realise"] || old.built !== undefined)
  if (unchanged && (await allValid([old.entry, ...(old.built ?? [])]))) return old
  await mkdir(data, { recursive: true })
  const wanted = await readJson(join(here, "packages.json"))
  const lock = await lockOf(data, wanted, values.update)
  const npmRegistry = await npmRegistryOf(values["npm-registry"])
  const entry = await add(await entryFolder(data, lock, npmRegistry))
  await keep([entry], join(data, "roots", "entry"))
  const state = { fingerprint, entry, narHash: await narHash(entry), system: "x86_64-linux", npmRegistry }
  if (!values["no-realise"]) {
    progress("building the base packages")
    const onErrorLine = (line) => {
      const built = /^building '\/nix\/store\/[a-z0-9]{32}-(.+)\.drv'/.exec(line)
      if (built) progress(`  ${built[1]}`)
    }
    state.built = await realise(
      `(import ${entry} { }).embedded.realised`,
      join(data, "roots", "base"),
      onErrorLine,
    )
  }
  state.sandboxShell = state.built?.find((path) => path.endsWith("-sandbox-shell"))
  await writeAtomically(statePath, `${JSON.stringify(state, null, 1)}\n`)
  await rm(join(data, "entry"), { recursive: true, force: true })
  return state
}

try {
  const { entry, narHash: hash, system, npmRegistry, sandboxShell } = await main()
  console.log(
    JSON.stringify({ entry, narHash: hash, system, npmRegistry, sandboxShell: `${sandboxShell}/bin/sh` }),
  )
} catch (error) {
  progress(error instanceof PrepareError ? error.message : error.stack)
  process.exitCode = 1
}
