import { posix } from "node:path"
import { Result } from "effect"
import type { BuildFailed } from "../../BuildFailed.ts"
import { isRecord } from "../PackageJson.ts"
import { fileIn } from "../Place.ts"
import { notRecognised, type View } from "../Recognised.ts"
import { parseToml } from "../Toml.ts"

/**
 * The folder of the repository that has the crates, or null: its `.cargo/config.toml` has that in the place of crates.io,
 * as `cargo vendor` prints it. Anything else in that place could not be reached.
 */
export const vendorFolderOf = (top: View, place: string): Result.Result<string | null, BuildFailed> => {
  const file = [".cargo/config.toml", ".cargo/config"]
    .map((name) => fileIn(place, name))
    .find((name) => top.has(name))
  if (file === undefined) return Result.succeed(null)
  return Result.flatMap(parseToml(top.text(file), file), ({ source }) => {
    const sources = isRecord(source) ? source : {}
    const original = sources["crates-io"]
    const name = isRecord(original) ? original["replace-with"] : undefined
    if (name === undefined) return Result.succeed(null)
    const other = sources[String(name)]
    const folder = isRecord(other) ? other.directory : undefined
    const path = typeof folder === "string" ? posix.join(place, folder).replace(/\/+$/, "") : ""
    if (top.has(`${path}/`)) return Result.succeed(path)
    const text = top.text(file) ?? ""
    const line = text.slice(0, Math.max(0, text.indexOf("replace-with"))).split("\n").length
    return Result.fail(
      notRecognised(
        `${file}, line ${line}: crates.io is replaced by “${String(name).slice(0, 100)}”, which is no folder of the repository.`,
        "Commit the folder that `cargo vendor` makes; or leave that out: crates are fetched by the checksums of the Cargo.lock.",
        file,
        line,
      ),
    )
  })
}
