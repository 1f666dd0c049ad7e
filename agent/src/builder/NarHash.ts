import { createHash, type Hash } from "node:crypto"
import { createReadStream } from "node:fs"
import { lstat, readdir, readFile, readlink } from "node:fs/promises"
import { join } from "node:path"

/*
 * The hash of a folder as Nix takes it: over its NAR (Nix archive), whose format is in the Nix manual, "Nix Archive
 * (NAR) format". Names are sorted by their bytes; of the modes only "may the owner execute it" counts.
 */
const padding = Buffer.alloc(8)

const string = (hash: Hash, value: string | Buffer): void => {
  const bytes = typeof value === "string" ? Buffer.from(value) : value
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(bytes.length))
  hash.update(length).update(bytes)
  if (bytes.length % 8 !== 0) hash.update(padding.subarray(bytes.length % 8))
}

const contents = async (hash: Hash, path: string, size: number): Promise<void> => {
  if (size < 1024 * 1024) return string(hash, await readFile(path))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(size))
  hash.update(length)
  let read = 0
  for await (const chunk of createReadStream(path)) {
    read += (chunk as Buffer).length
    hash.update(chunk as Buffer)
  }
  if (read !== size) throw new Error(`${path} changed while it was read`)
  if (size % 8 !== 0) hash.update(padding.subarray(size % 8))
}

/** Folders in folders: as deep as Nix takes them (2.34.7 on). */
export const narDepthMost = 64

const node = async (hash: Hash, path: string, depth: number): Promise<void> => {
  if (depth > narDepthMost) throw new Error(`a folder is nested deeper than ${narDepthMost}`)
  const stat = await lstat(path)
  string(hash, "(")
  string(hash, "type")
  if (stat.isSymbolicLink()) {
    for (const part of ["symlink", "target", await readlink(path)]) string(hash, part)
  } else if (stat.isDirectory()) {
    string(hash, "directory")
    const names = (await readdir(path, { encoding: "buffer" })).sort(Buffer.compare)
    for (const name of names) {
      for (const part of ["entry", "(", "name", name, "node"]) string(hash, part)
      await node(hash, join(path, name.toString()), depth + 1)
      string(hash, ")")
    }
  } else if (stat.isFile()) {
    string(hash, "regular")
    if (stat.mode & 0o100) for (const part of ["executable", ""]) string(hash, part)
    string(hash, "contents")
    await contents(hash, path, stat.size)
  } else {
    throw new Error("neither a file, a folder nor a link")
  }
  string(hash, ")")
}

/** The NAR hash of a file or folder in SRI form, such as `sha256-47DEQpj8…=`. */
export const narHash = async (path: string): Promise<string> => {
  const hash = createHash("sha256")
  string(hash, "nix-archive-1")
  await node(hash, path, 0)
  return `sha256-${hash.digest("base64")}`
}
