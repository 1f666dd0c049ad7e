import { Result } from "effect"
import type { BuildFailed } from "../../BuildFailed.ts"
import type { Sight } from "../Language.ts"
import { isRecord } from "../PackageJson.ts"
import { fileIn } from "../Place.ts"
import { notRecognised } from "../Recognised.ts"
import { parseToml } from "../Toml.ts"
import type { CargoManifest } from "./CargoManifest.ts"

/** The Rust that a repository asks for. Which one there is, the package set says when it is evaluated. */
export interface RustWish {
  /** As people find it: `rust-version` of the Cargo.toml, or the toolchain's file. */
  readonly by: string
  /** Older ones do not compile it; newer ones do. */
  readonly oldest: string
  readonly where: string
}

const versionSyntax = /^\d{1,4}(?:\.\d{1,4}){0,2}$/

const lineOf = (text: string, part: string) =>
  text.slice(0, Math.max(0, text.indexOf(part))).split("\n").length

const toolchainFiles = ["rust-toolchain.toml", "rust-toolchain"]

/** The older form of the file is the name alone. */
const channelOf = (text: string, file: string): Result.Result<string | null, BuildFailed> => {
  const plain = /^\s*([A-Za-z0-9._-]{1,100})\s*$/.exec(text)?.[1]
  if (plain !== undefined) return Result.succeed(plain)
  return Result.map(parseToml(text, file), ({ toolchain }) =>
    isRecord(toolchain) && typeof toolchain.channel === "string" ? toolchain.channel.slice(0, 100) : null,
  )
}

const byToolchain = ({ top, folder }: Sight, place: string): Result.Result<RustWish | null, BuildFailed> => {
  const file = [folder, place, ""]
    .flatMap((path) => toolchainFiles.map((name) => fileIn(path, name)))
    .find((path) => top.has(path))
  const text = file === undefined ? undefined : top.text(file)
  if (file === undefined || text === undefined) return Result.succeed(null)
  return Result.flatMap(channelOf(text, file), (channel) => {
    // A name may say for which system it is: 1.75.0-x86_64-unknown-linux-gnu.
    const name = channel?.replace(/-x86_64-unknown-linux-gnu$|-aarch64-unknown-linux-gnu$/, "") ?? "stable"
    if (name === "stable") return Result.succeed(null)
    const line = lineOf(text, name)
    if (versionSyntax.test(name))
      return Result.succeed({ by: `${file} (${name})`, oldest: name, where: `${file}, line ${line}` })
    return Result.fail(
      notRecognised(
        `${file}, line ${line}: “${name}” is no stable Rust, and there is no other here.`,
        "Name a version such as 1.75, or stable; or leave the file out.",
        file,
        line,
      ),
    )
  })
}

/** What the toolchain's file names, else the package's `rust-version`. */
export const rustWishOf = (
  sight: Sight,
  place: string,
  { folder, manifest }: { readonly folder: string; readonly manifest: CargoManifest },
): Result.Result<RustWish | null, BuildFailed> =>
  Result.map(byToolchain(sight, place), (wish) => {
    const { rustVersion, text } = manifest
    if (wish !== null || rustVersion === null || !versionSyntax.test(rustVersion)) return wish
    const file = fileIn(folder, "Cargo.toml")
    return {
      by: `\`rust-version\` (${rustVersion})`,
      oldest: rustVersion,
      where: `${file}, line ${lineOf(text, "rust-version")}`,
    }
  })
