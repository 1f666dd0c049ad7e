import { Result } from "effect"
import type { BuildFailed } from "../BuildFailed.ts"
import type { Language, Sight } from "./Language.ts"
import { LockProblem } from "./lock/Locked.ts"
import { below, fileIn } from "./Place.ts"
import { noStart, notRecognised, seen } from "./Recognised.ts"
import { type CargoLock, parseCargoLock } from "./rust/CargoLock.ts"
import { type CargoManifest, parseManifest } from "./rust/CargoManifest.ts"
import { vendorFolderOf } from "./rust/CargoVendor.ts"
import { commonFolder, lockFolderOf, manifestsOf, programsOf, targetsOf } from "./rust/CargoWorkspace.ts"
import { type RustWish, rustWishOf } from "./rust/RustVersion.ts"

const lockOf = (
  { top, offer }: Sight,
  place: string,
  isVendored: boolean,
): Result.Result<CargoLock, BuildFailed> => {
  const file = fileIn(place, "Cargo.lock")
  if (isVendored && top.has(file)) return Result.succeed({ version: "", crates: [], locked: [] })
  const text = top.text(file)
  if (text !== undefined)
    return Result.try({
      try: () => parseCargoLock({ file, text, registry: offer.crates, cpu: offer.cpu }),
      catch: (error) => {
        if (error instanceof LockProblem) return error.failure
        throw error
      },
    })
  const isThere = top.has(file)
  return Result.fail(
    notRecognised(
      isThere ? `${file} is larger than 4 MiB.` : "There is a Cargo.toml, but no Cargo.lock beside it.",
      isThere
        ? "Remove what is not needed, and make it again with `cargo generate-lockfile`."
        : "Run `cargo generate-lockfile` and commit the lock file; it says exactly what to build with.",
      isThere ? file : fileIn(place, "Cargo.toml"),
    ),
  )
}

interface Package {
  readonly folder: string
  readonly manifest: CargoManifest
}

const listed = (folders: ReadonlyArray<string>) => folders.slice(0, 10).join(", ")

/** The package that is built: the folder's own, or the only one with a program where the folder is a workspace's top. */
const packageOf = (sight: Sight, place: string): Result.Result<Package, BuildFailed> =>
  Result.gen(function* () {
    const { top, folder, wishes } = sight
    const workspace = folder === place ? null : yield* parseManifest(top, place)
    const manifest = yield* parseManifest(top, folder, workspace)
    if (manifest.name === null) {
      const programs = programsOf(folder, manifestsOf(top, folder))
      if (programs.length === 1)
        return { folder: programs[0]!, manifest: yield* parseManifest(top, programs[0]!, manifest) }
      if (wishes.start !== null) return { folder, manifest }
      return yield* Result.fail(
        programs.length === 0
          ? noStart("This is a Cargo workspace without a program", "Add a package with a src/main.rs.")
          : noStart(
              `This is a Cargo workspace with the programs of ${listed(programs)}`,
              `Name one in a skypanel.toml: \`[build]\`, \`path = "${programs[0]}"\`; or start it in a Procfile.`,
            ),
      )
    }
    if (!manifest.hasProgram && wishes.start === null)
      return yield* Result.fail(
        noStart(
          "This is a Cargo.toml of a library",
          "Add a src/main.rs, or a Procfile with a line `web: …`.",
        ),
      )
    return { folder, manifest }
  })

const count = ({ crates }: CargoLock) => `${crates.length} ${crates.length === 1 ? "crate" : "crates"}`

const reasoningOf = (
  { manifest }: Package,
  lock: CargoLock,
  vendor: string | null,
  rust: RustWish | null,
): ReadonlyArray<string> => [
  seen("Cargo.toml", manifest.edition === null ? "Rust" : `Rust, edition ${manifest.edition}`),
  vendor === null
    ? seen(`Cargo.lock, version ${lock.version}`, count(lock))
    : seen(".cargo/config.toml", `the crates of ${vendor}`),
  ...(rust === null ? [] : [seen(rust.by, "checked against the package set's Rust")]),
]

/** A Rust service with the crates of its Cargo.lock: by their checksums, or from its `vendor`. */
export const rust: Language = {
  kind: "rust",
  looksFor: "Cargo.toml with its Cargo.lock",
  recognise: (sight) => {
    const { tree, top, folder, wishes, config } = sight
    if (!tree.has("Cargo.toml")) return null
    return Result.gen(function* () {
      const place = lockFolderOf(top, folder)
      const vendor = yield* vendorFolderOf(top, place)
      const lock = yield* lockOf(sight, place, vendor !== null)
      const chosen = yield* packageOf(sight, place)
      const version = yield* rustWishOf(sight, place, chosen)
      const manifests = manifestsOf(top, place)
      const common = commonFolder(place, manifests)
      return {
        kind: "rust" as const,
        folder: common,
        reasoning: [
          ...reasoningOf(chosen, lock, vendor, version),
          ...(chosen.folder === folder ? [] : [seen("its one package with a program", chosen.folder)]),
          ...(wishes.buildCommand === null ? [] : [seen(config.by("build", "command"), wishes.buildCommand)]),
          ...wishes.reasoning,
          ...(wishes.start !== null
            ? []
            : chosen.manifest.defaultRun !== null
              ? [seen("`default-run`", chosen.manifest.defaultRun)]
              : [seen("nothing says how it starts", "its one program is started, or the package's")]),
        ],
        settings: {
          start: wishes.start,
          buildCommand: wishes.buildCommand,
          crates: lock.crates,
          targets: targetsOf(top, common, manifests),
          packages: [...manifests.values()].flatMap(({ name }) => name ?? []),
          vendor: vendor === null ? null : below(vendor, common),
          place: below(place, common),
          member: below(chosen.folder, place),
          runFolder: below(folder, place),
          program: chosen.manifest.defaultRun,
          packageName: chosen.manifest.name,
          rust: version === null ? null : { oldest: version.oldest, where: version.where },
        },
        locked: lock.locked,
      }
    })
  },
}
