import { createHash } from "node:crypto"
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { run } from "./run.mjs"
import { add } from "./store.mjs"

/** This program and the tests beside the expressions are no part of the package set. */
const isExpression = (name) => !/\.(ts|md)$/.test(name) && name !== "prepare" && name !== "prepare.mjs"

/** Changes with every byte of the expressions and of this program, so that an edited checkout is prepared again. */
export const fingerprintOf = async (folder) => {
  const hash = createHash("sha256")
  const visit = async (path) => {
    const entries = await readdir(path, { withFileTypes: true })
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (!isExpression(entry.name) && !/\.mjs$|^prepare$/.test(entry.name)) continue
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
  return hash.digest("hex")
}

/**
 * Puts in the store what `pkgs` is imported from: the expressions of `folder`, the lock, and the static busybox that
 * everything else is made with.
 */
export const addEntry = async (folder, data, lock, npmRegistry) => {
  const place = await mkdtemp(join(data, "entry-"))
  try {
    const source = join(place, "source")
    const filter = (path) => path === folder || isExpression(path.split("/").at(-1))
    await cp(folder, source, { recursive: true, filter })
    const debian = Object.fromEntries(
      lock.packages.map(({ name, version, file, url, sha256, depends }) => [
        name,
        { version, file, url, sha256, depends },
      ]),
    )
    await writeFile(join(source, "lock.json"), `${JSON.stringify({ npmRegistry, debian }, null, 1)}\n`)
    const busybox = lock.packages.find((entry) => entry.name === "busybox-static")
    await run("dpkg-deb", ["-x", busybox.storePath, join(place, "busybox")])
    await mkdir(join(source, "bootstrap", "bin"), { recursive: true })
    await cp(join(place, "busybox", "bin", "busybox"), join(source, "bootstrap", "bin", "busybox"))
    return await add(source)
  } finally {
    await rm(place, { recursive: true, force: true })
  }
}
