import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { addedPackages } from "./addedPackages.ts"
import { applicationFiles } from "./application.ts"
import { run } from "./processes.ts"

const checkout = dirname(import.meta.dirname)
const node = join(checkout, "node_modules", "node", "bin", "node")

/** The shared libraries of a program, with the loader, as `ldd` tells them. */
const libraries = async (program: string) =>
  [...(await run("ldd", [program])).matchAll(/(\/\S+) \(0x/g)].map((found) => found[1]!)

/** The folder of the machine's npm, found by its program. */
const npmFolder = async () => {
  const found = (await run("sh", ["-c", "command -v npm"])).trim()
  return dirname(dirname(realpathSync(found)))
}

/** Every package that the application will ever need in npm's own cache, as earlier builds of others have left them. */
const fillCache = async (folder: string, cache: string) => {
  for (const [name, text] of Object.entries(applicationFiles("cache", { added: addedPackages }))) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  await run("npm", ["ci", "--omit=dev", "--ignore-scripts", "--cache", cache], { cwd: folder })
}

/**
 * Imports the image that the Dockerfile starts from. Public base images cannot be pulled on a machine without the
 * Internet, so it is made here of what `node:24-slim` holds: Node.js 24 with npm, glibc and a shell. A base image
 * is never transferred again, so its size plays no part in a redeployment. npm's cache is filled, so that `npm ci`
 * needs no network: our builder has its tarballs from an earlier build too.
 */
export const importBaseImage = async (
  docker: (...args: ReadonlyArray<string>) => Promise<string>,
  name: string,
) => {
  const folder = mkdtempSync(join(tmpdir(), "skypanel-bench-base-"))
  const root = join(folder, "root")
  const into = (from: string, to: string) => {
    mkdirSync(dirname(join(root, to)), { recursive: true })
    cpSync(from, join(root, to), { recursive: true, dereference: true })
  }
  try {
    into(node, "usr/bin/node")
    for (const library of await libraries(node)) into(library, library)
    into(await npmFolder(), "usr/lib/node_modules/npm")
    into(realpathSync("/usr/bin/busybox"), "bin/busybox")
    for (const applet of ["sh", "env", "ls", "cat", "mkdir", "rm"])
      symlinkSync("busybox", join(root, "bin", applet))
    symlinkSync("../../bin/busybox", join(root, "usr/bin/env"))
    symlinkSync("../lib/node_modules/npm/bin/npm-cli.js", join(root, "usr/bin/npm"))
    for (const directory of ["etc", "root", "tmp"]) mkdirSync(join(root, directory), { recursive: true })
    writeFileSync(join(root, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\nnode:x:1000:1000::/:/bin/sh\n")
    await fillCache(join(folder, "application"), join(root, "npm-cache"))
    const archive = join(folder, "base.tar")
    await run("tar", ["--create", "--file", archive, "--directory", root, "."])
    await docker("import", "--change", "ENV PATH=/usr/bin:/bin", archive, name)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
