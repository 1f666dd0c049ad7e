import { lstat, mkdir, readFile, readlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { Effect } from "effect"
import { groupFile, type Host, hostsFile, passwdFile, type SystemFolder } from "./Confinement.ts"

/** What programs need of the machine: nothing that is anybody's. /run/current-system is NixOS's own /usr. */
const candidates = [
  "/usr",
  "/bin",
  "/sbin",
  "/lib",
  "/lib32",
  "/lib64",
  "/run/current-system",
  "/etc/ssl",
  "/etc/static/ssl",
  "/etc/ld.so.cache",
  "/etc/alternatives",
]

const certificateFiles = ["/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/certs/ca-bundle.crt"]

const look = async (path: string): Promise<ReadonlyArray<SystemFolder>> => {
  const stat = await lstat(path).catch(() => null)
  if (stat === null) return []
  return [{ path, link: stat.isSymbolicLink() ? await readlink(path) : null }]
}

/**
 * Where programs are in the Nix store, as on NixOS: what they consist of. The file has a store path on each line; the
 * rest of the store is other customers' business.
 */
const storePaths = async (file: string | undefined): Promise<ReadonlyArray<SystemFolder>> => {
  const text = file === undefined ? "" : await readFile(file, "utf8")
  return text
    .split("\n")
    .filter((line) => line.startsWith("/nix/store/"))
    .map((path) => ({ path, link: null }))
}

/** Looks at the machine once, and writes the names that programs of builds see in /etc. */
export const findHost = (dataFolder: string, programs = process.env.SKYPANEL_PROGRAMS): Effect.Effect<Host> =>
  Effect.promise(async () => {
    const names = join(dataFolder, "names")
    await mkdir(names, { recursive: true })
    await writeFile(join(names, "passwd"), passwdFile)
    await writeFile(join(names, "group"), groupFile)
    await writeFile(join(names, "hosts"), hostsFile)
    const system = [...(await Promise.all(candidates.map(look))).flat(), ...(await storePaths(programs))]
    const found = await Promise.all(
      certificateFiles.map((path) =>
        lstat(path).then(
          () => [path],
          () => [],
        ),
      ),
    )
    return {
      system,
      names,
      path: process.env.PATH ?? "/usr/bin:/bin",
      certificates:
        process.env.SSL_CERT_FILE ?? process.env.NIX_SSL_CERT_FILE ?? found.flat()[0] ?? certificateFiles[0]!,
    }
  })
