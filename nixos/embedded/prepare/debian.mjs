import { createHash } from "node:crypto"
import { readdir, readFile, rename } from "node:fs/promises"
import { join } from "node:path"
import { PrepareError, progress, run } from "./run.mjs"

/** No set that this program is meant for comes near it: more means the resolution went astray. */
const largestSet = 600

/**
 * Only what is linked or imported is followed: not service managers, not documentation, not Perl, not a browser's scripts,
 * not a compiler in a database, not what only compilers read (those are named), nor their sanitizers. */
const followed =
  /^(lib(?!js-|llvm14$|[alt]san\d|ubsan\d|.*-perl$|.*-dev$)|zlib1g$|python3-|media-types$|nginx-common$)/

/** An APT record as a map of its fields; continuation lines are joined with spaces. */
const fields = (record) => {
  const found = new Map()
  for (const line of record.replace(/\n[ \t]+/g, " ").split("\n")) {
    const colon = line.indexOf(":")
    if (colon > 0) found.set(line.slice(0, colon), line.slice(colon + 1).trim())
  }
  return found
}

/** `a (>= 1) | b, c:any` → [["a", "b"], ["c"]]; the form is Debian Policy, section 7.1. */
export const dependencies = (text) =>
  text
    .split(",")
    .map((group) =>
      group
        .split("|")
        .map((name) => name.trim().split(/[ :(]/)[0])
        .filter((name) => name !== ""),
    )
    .filter((group) => group.length > 0)

const show = async (names) => {
  const text = await run("apt-cache", ["--no-all-versions", "show", ...names], { seconds: 60 }).catch(
    (error) => {
      // apt-cache ends with 100 if any name is unknown; one by one below tells which.
      if (names.length === 1) return ""
      if (/not installed/.test(error.message))
        throw new PrepareError(`${error.message}; the embedded package set needs Debian's APT`)
      return undefined
    },
  )
  if (text === undefined) return (await Promise.all(names.map((name) => show([name])))).flat()
  return text
    .split(/\n\n+/)
    .filter((record) => record.trim() !== "")
    .map(fields)
}

/**
 * Every package that `roots` need, with the packages that each of them needs itself.
 * Fails naming the roots that this distribution does not have.
 */
export const resolve = async (roots) => {
  const resolved = new Map()
  // A virtual package never gets a record of its own: each name is asked for once.
  const asked = new Set()
  let wanted = [...new Set(roots)]
  while (wanted.length > 0) {
    const records = await show(wanted)
    const next = new Set()
    for (const record of records) {
      const name = record.get("Package")
      const text = [record.get("Pre-Depends"), record.get("Depends")].filter(Boolean).join(", ")
      const needs = dependencies(text)
        .map((group) => group.find((each) => resolved.has(each)) ?? group[0])
        .filter((each) => followed.test(each))
      resolved.set(name, { version: record.get("Version"), depends: [...new Set(needs)].sort() })
      for (const each of needs) next.add(each)
    }
    wanted = [...next].filter((name) => !resolved.has(name) && !asked.has(name))
    for (const name of wanted) asked.add(name)
    if (resolved.size > largestSet)
      throw new PrepareError(`more than ${largestSet} packages are needed: not plausible`)
  }
  const missing = roots.filter((name) => !resolved.has(name))
  if (missing.length > 0) {
    throw new PrepareError(
      `APT knows no ${missing.join(", ")}. The embedded package set is made from Debian 12; on another release use nixpkgs`,
    )
  }
  for (const entry of resolved.values()) entry.depends = entry.depends.filter((name) => resolved.has(name))
  return resolved
}

const storeName = (name, version) => `${name}-${version.replace(/[^A-Za-z0-9+._-]/g, "-")}.deb`

/** Where APT would fetch each package from: URL, bytes and SHA-256 (hexadecimal). */
const origins = async (names) => {
  const text = await run("apt-get", ["download", "--print-uris", ...names], { seconds: 60 })
  const found = new Map()
  for (const line of text.split("\n")) {
    const match = /^'([^']+)' (\S+) (\d+) SHA256:([0-9a-f]{64})$/.exec(line.trim())
    if (match) found.set(match[2].split("_")[0], { url: match[1], bytes: Number(match[3]), sha256: match[4] })
  }
  return found
}

/** What the lock says of each package: version, what it needs, and the file by its hash. */
export const locate = async (resolved) => {
  const names = [...resolved.keys()].sort()
  const from = await origins(names)
  const lost = names.filter((name) => !from.has(name))
  if (lost.length > 0) throw new PrepareError(`APT can not download ${lost.join(", ")}`)
  return names.map((name) => {
    const { version, depends } = resolved.get(name)
    const { url, bytes, sha256 } = from.get(name)
    return { name, version, depends, url, bytes, sha256, file: storeName(name, version) }
  })
}

/** Downloads packages of a lock into `folder` under their names there, and checks what arrived. */
export const download = async (entries, folder) => {
  if (entries.length === 0) return
  const mebibytes = Math.ceil(entries.reduce((sum, entry) => sum + entry.bytes, 0) / 1024 / 1024)
  progress(`downloading ${entries.length} Debian packages, ${mebibytes} MiB`)
  const wishes = entries.map(({ name, version }) => `${name}=${version}`)
  await run("apt-get", ["download", "-q", ...wishes], { cwd: folder, seconds: 900 })
  const arrived = await readdir(folder)
  for (const { name, file, sha256 } of entries) {
    const found = arrived.find((each) => each.startsWith(`${name}_`))
    if (!found) throw new PrepareError(`APT said that it downloaded ${name}, but there is no file of it`)
    const digest = createHash("sha256")
      .update(await readFile(join(folder, found)))
      .digest("hex")
    if (digest !== sha256) throw new PrepareError(`${name} arrived with SHA-256 ${digest}, not ${sha256}`)
    await rename(join(folder, found), join(folder, file))
  }
}

/** On a fresh machine APT has no lists yet; asking for one package that Debian always has shows it. */
export const refreshLists = async () => {
  const known = await run("apt-cache", ["show", "libc6"], { seconds: 30 }).catch((error) => {
    if (/not installed/.test(error.message))
      throw new PrepareError(`${error.message}; the embedded package set needs Debian's APT`)
    return ""
  })
  if (/^Filename:/m.test(known)) return
  progress("reading APT's package lists")
  await run("apt-get", ["update", "-q"], { seconds: 300 })
}
