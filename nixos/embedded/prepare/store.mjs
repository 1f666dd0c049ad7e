import { createHash } from "node:crypto"
import { mkdir } from "node:fs/promises"
import { dirname } from "node:path"
import { run } from "./run.mjs"

/** Settings of our own calls: the same sandbox as any build, no substituter, nothing of the machine's own. */
const environment = {
  NIX_CONFIG: [
    "experimental-features = nix-command flakes",
    "sandbox = true",
    "sandbox-fallback = false",
    "substituters =",
    ...(process.getuid?.() === 0 ? ["build-users-group ="] : []),
  ].join("\n"),
}

const nix = (program, args, options = {}) => run(program, args, { ...options, env: environment })

const lines = (text) => text.split("\n").filter((line) => line !== "")

/** Puts files in the store as fixed outputs (flat, SHA-256): a fixed-output derivation of that hash is then built already. */
export const addFixed = async (files) =>
  files.length === 0
    ? []
    : lines(await nix("nix-store", ["--add-fixed", "sha256", ...files], { seconds: 300 }))

const base32Digits = "0123456789abcdfghijklmnpqrsvwxyz"

/** Nix's base 32: least significant digit last, over the bytes as one little-endian number. */
const base32 = (bytes) => {
  let number = 0n
  for (const byte of [...bytes].reverse()) number = (number << 8n) | BigInt(byte)
  let text = ""
  for (let digits = Math.ceil((bytes.length * 8) / 5); digits > 0; digits--) {
    text = base32Digits[Number(number & 31n)] + text
    number >>= 5n
  }
  return text
}

/** Where `addFixed` would put a file of this name and SHA-256 (hexadecimal): Nix manual, "Store path specification". */
export const fixedPath = (name, sha256) => {
  const inner = createHash("sha256").update(`fixed:out:sha256:${sha256}:`).digest("hex")
  const digest = createHash("sha256").update(`output:out:sha256:${inner}:/nix/store:${name}`).digest()
  const folded = Buffer.alloc(20)
  for (const [index, byte] of digest.entries()) folded[index % 20] ^= byte
  return `/nix/store/${base32(folded)}-${name}`
}

/** Those of `paths` that are not in the store. */
export const absentOf = async (paths) =>
  new Set(lines(await nix("nix-store", ["--check-validity", "--print-invalid", ...paths])))

/** Puts a folder in the store under its own name. */
export const add = async (folder) => (await nix("nix-store", ["--add", folder], { seconds: 120 })).trim()

/** The hash by which a pure evaluation may name the path. */
export const narHash = async (path) => {
  const base32 = (await nix("nix-store", ["-q", "--hash", path])).trim()
  return (await nix("nix", ["hash", "to-sri", base32])).trim()
}

export const allValid = async (paths) => {
  const answer = await nix("nix-store", ["--check-validity", "--print-invalid", ...paths]).catch(
    () => undefined,
  )
  return answer !== undefined && answer.trim() === ""
}

/** Builds `expression` and keeps the result: `root` becomes an indirect root of the garbage collector. */
export const realise = async (expression, root, onErrorLine) => {
  await mkdir(dirname(root), { recursive: true })
  const args = ["--no-out-link", "-E", expression, "--max-jobs", "2"]
  const built = lines(await nix("nix-build", args, { seconds: 1500, onErrorLine }))
  await keep(built, root)
  return built
}

/** Roots for `paths`: `root`, `root-2`, `root-3` … */
export const keep = async (paths, root) => {
  await mkdir(dirname(root), { recursive: true })
  for (let from = 0; from < paths.length; from += 200) {
    const chunk = paths.slice(from, from + 200)
    const name = from === 0 ? root : `${root}-from-${from}`
    await nix("nix-store", ["--realise", "--add-root", name, ...chunk], { seconds: 120 })
  }
}
