#!/usr/bin/env node
/**
 * Makes the embedded package set ready on this machine: downloads the Debian packages that `packages.json` names,
 * puts them and the expressions in the Nix store, and builds the base packages in advance.
 *
 *   node nixos/embedded/prepare.mjs --data FOLDER [--realise shell|base|rust|all] [--update] [--npm-registry URL]
 *
 * --realise   what is built in advance: only the sandbox's shell; what most services need (the default); Rust as well,
 *             which is not even downloaded before; or also what takes longest, Go and its standard library. What is
 *             not built in advance is built by its first user.
 * --update    takes Debian's present versions.
 *
 * Standard output: one line of JSON, see README.md. Standard error: progress. Exit code 1 with a message on failure.
 */
import { mkdir } from "node:fs/promises"
import { resolve as absolute, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { addEntry, fingerprintOf } from "./prepare/entry.mjs"
import { readJson, readJsonIfThere, writeJson } from "./prepare/files.mjs"
import { lockOf } from "./prepare/lock.mjs"
import { PrepareError, progress, run } from "./prepare/run.mjs"
import { allValid, keep, narHash, realise } from "./prepare/store.mjs"

const here = dirname(fileURLToPath(import.meta.url))
/** Each contains the one before it. */
const extents = ["shell", "base", "rust", "all"]

const readArguments = () => {
  const { values } = parseArgs({
    options: {
      data: { type: "string" },
      realise: { type: "string", default: "base" },
      update: { type: "boolean", default: false },
      "npm-registry": { type: "string" },
    },
  })
  if (!values.data) throw new PrepareError("say where to keep the data: --data FOLDER")
  if (!extents.includes(values.realise)) throw new PrepareError(`--realise takes ${extents.join(", ")}`)
  if (process.arch !== "x64" || process.platform !== "linux") {
    const here = `${process.arch}-${process.platform}`
    throw new PrepareError(`the embedded package set is for x86_64-linux, this is ${here}`)
  }
  const registry = values["npm-registry"]?.replace(/\/+$/, "")
  return { data: absolute(values.data), extent: values.realise, update: values.update, registry }
}

const registryOf = async (given) => {
  const registry =
    given ?? process.env.npm_config_registry ?? (await run("npm", ["config", "get", "registry"])).trim()
  if (!/^https?:\/\//.test(registry))
    throw new PrepareError(`"${registry}" is not the URL of an npm registry`)
  return registry.replace(/\/+$/, "")
}

/** Shows which package is being built; Nix says it in this form in every version. */
const showBuild = (line) => {
  const built = /^building '\/nix\/store\/[a-z0-9]{32}-(.+)\.drv'/.exec(line)
  if (built) progress(`  ${built[1]}`)
}

const isReady = async (state, fingerprint, { extent, update, registry }) =>
  !update &&
  state?.fingerprint === fingerprint &&
  (registry === undefined || registry === state.npmRegistry) &&
  extents.indexOf(state.extent) >= extents.indexOf(extent) &&
  (await allValid([state.entry, ...state.built]))

const main = async () => {
  const wishes = readArguments()
  const { data, extent, update, registry } = wishes
  const statePath = join(data, "state.json")
  const fingerprint = await fingerprintOf(here)
  const old = await readJsonIfThere(statePath)
  if (await isReady(old, fingerprint, wishes)) return old
  await mkdir(data, { recursive: true })
  const npmRegistry = await registryOf(registry)
  const toolchains = extents.indexOf(extent) >= extents.indexOf("rust")
  const lock = await lockOf(data, await readJson(join(here, "packages.json")), { update, toolchains })
  const entry = await addEntry(here, data, lock, npmRegistry)
  await keep([entry], join(data, "roots", "entry"))
  if (extent !== "shell") progress("building what most services need")
  const built = await realise(
    `(import ${entry} { }).embedded.realised.${extent}`,
    join(data, "roots", extent),
    showBuild,
  )
  const state = {
    fingerprint,
    extent,
    entry,
    narHash: await narHash(entry),
    system: "x86_64-linux",
    npmRegistry,
    sandboxShell: `${built.find((path) => path.endsWith("-sandbox-shell"))}/bin/sh`,
    built,
  }
  await writeJson(statePath, state)
  return state
}

try {
  const { entry, narHash: hash, system, npmRegistry, sandboxShell } = await main()
  console.log(JSON.stringify({ entry, narHash: hash, system, npmRegistry, sandboxShell }))
} catch (error) {
  progress(error instanceof PrepareError ? error.message : error.stack)
  process.exitCode = 1
}
