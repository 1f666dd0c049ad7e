import { access } from "node:fs/promises"
import { join } from "node:path"
import { parseGitUrl } from "@skypanel/contract/GitUrl"
import type { GitSource } from "@skypanel/contract/Source"
import { Effect, Result } from "effect"
import { type BuildFailed, buildFailed } from "./BuildFailed.ts"
import type { BuildSpace } from "./BuildSpace.ts"
import type { ImagePlan } from "./dockerfile/ImageBuild.ts"
import { materialNames } from "./explain/StorePaths.ts"
import { fetchFolder } from "./FolderSource.ts"
import { fetchGit } from "./git/GitSource.ts"
import { findPointers, named } from "./git/LfsPointer.ts"
import { boundLine } from "./LogText.ts"
import { type Material, materialText, nixString } from "./NixExpression.ts"
import { materialOf, type NixPlan, nixPlan, recognisedPlan, textMaterial } from "./NixPlan.ts"
import type { PackageSource } from "./PackageSource.ts"
import { recogniseApart } from "./Recogniser.ts"
import type { DockerfileSettings } from "./recognise/Docker.ts"
import type { Offer, Recognised } from "./recognise/Recognised.ts"
import { refuseUnfitFiles } from "./SourceTree.ts"

/** Of the reasoning, what a release remembers; the log has all of it. */
const recognisedBytesMax = 2000

/** A source that was fetched and understood: what is left is Nix, or BuildKit. */
export interface Input {
  readonly plan: NixPlan | ({ readonly _tag: "image" } & ImagePlan)
  readonly revision: string | null
  readonly recognisedAs: string
  /** What it starts listens on no port, as far as the source tells. */
  readonly portless?: boolean
  /** Whether it is built with Rust, which is not always there. */
  readonly needsRust?: boolean
}

const thereIs = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  )

/** Where it is below the templates: those of the library, and what stacks are made of. */
const templatePlace = async (folder: string, name: string): Promise<string | null> => {
  for (const place of [name, `stacks/parts/${name}`])
    if (await thereIs(join(folder, place, "default.nix"))) return place
  return null
}

const fromTemplate = (space: BuildSpace, name: string): Effect.Effect<Input, BuildFailed> =>
  Effect.gen(function* () {
    const { templates: folder } = space.config
    const place = yield* Effect.promise(() => templatePlace(folder, name))
    if (place === null)
      return yield* buildFailed(
        "source-not-found",
        `This builder has no template “${name}”.`,
        "Choose one of the templates in the list.",
      )
    const templates = yield* materialOf(materialNames.templates, folder)
    return {
      plan: nixPlan({
        value: `import (${materialText(templates)} + ${nixString(`/${place}`)})`,
        materials: [templates],
        network: false,
        ours: true,
      }),
      revision: null,
      recognisedAs: `template ${name}`,
    }
  })

/** A template's expression asks for its options by their name, as it asks for packages. */
const withOptions = (expression: Material, options: Material): string =>
  `call (import (${materialText(expression)})) (scope // {
    options = builtins.fromJSON (builtins.readFile (${materialText(options)}));
  })`

const fromExpression = (space: BuildSpace, expression: string): Effect.Effect<Input> =>
  Effect.gen(function* () {
    const { options } = space.assignment
    const written = yield* textMaterial(space, materialNames.expression, expression)
    const chosen =
      options === undefined
        ? null
        : yield* textMaterial(space, materialNames.options, JSON.stringify(options))
    return {
      plan: nixPlan({
        value: chosen === null ? `import (${materialText(written)})` : withOptions(written, chosen),
        materials: chosen === null ? [written] : [written, chosen],
        network: false,
        ours: false,
      }),
      revision: null,
      recognisedAs: chosen === null ? "Nix expression" : "template",
    }
  })

/** What the package set that builds here has. */
const offerOf = (space: BuildSpace, packages: PackageSource): Offer => ({
  name: packages.set.reference,
  node: packages.set.kind === "embedded" ? [24] : [22, 24],
  python: packages.set.kind === "embedded" ? "3.11" : null,
  npmRegistry: packages.npmRegistry ?? space.config.npmRegistry,
  crates: space.config.crates,
  wheels: space.config.wheels,
  cpu: packages.packages.system.startsWith("aarch64") ? "arm64" : "x64",
})

const fromGit = (
  space: BuildSpace,
  packages: PackageSource,
  source: GitSource,
): Effect.Effect<Input, BuildFailed> =>
  Effect.gen(function* () {
    const url = parseGitUrl(source.url, { allowPrivate: space.config.allowPrivateGit })
    if (Result.isFailure(url))
      return yield* buildFailed(
        "source-refused",
        `The Git URL is not allowed: ${url.failure.reason}.`,
        "Use an https:// or ssh:// URL of a public repository.",
      )
    const { folder, commit } = yield* fetchGit(space, url.success, source)
    return yield* understand(space, packages, folder, commit)
  })

const planOf = (
  space: BuildSpace,
  packages: PackageSource,
  source: string,
  recognised: Recognised,
): Effect.Effect<Input["plan"]> =>
  Effect.gen(function* () {
    const { kind, folder, settings } = recognised
    if (kind === "dockerfile") {
      const context = join(source, folder)
      return { _tag: "image", folder, context, settings: settings as DockerfileSettings }
    }
    const fetched = yield* materialOf(materialNames.source, source)
    return recognisedPlan(space, packages, fetched, recognised)
  })

/** How one gets the files whose pointers are in the source. */
const toHaveThem = ({ source, serviceName }: BuildSpace["assignment"]): string => {
  if (source._tag === "git") return `skypanel deploy ${serviceName} --lfs`
  if (source._tag === "folder" && source.origin === "upload")
    return "git lfs pull, then deploy the folder again"
  return `deploy from the repository, skypanel deploy ${serviceName} --git URL --lfs`
}

/** What is built with pointers has three lines of text where a file should be. */
const notePointers = (space: BuildSpace, folder: string): Effect.Effect<void> =>
  Effect.gen(function* () {
    const { source } = space.assignment
    if (source._tag === "git" && source.lfs === true) return
    const pointers = yield* Effect.promise(() => findPointers(folder, "marked"))
    if (pointers.length === 0) return
    const paths = named(pointers.map(({ path }) => path))
    space.note(
      `has files in Git LFS that were not fetched: ${paths}. To have them: ${toHaveThem(space.assignment)}`,
    )
  })

/** What was fetched, wherever it came from. */
const understand = (
  space: BuildSpace,
  packages: PackageSource,
  folder: string,
  revision: string | null,
): Effect.Effect<Input, BuildFailed> =>
  Effect.gen(function* () {
    yield* refuseUnfitFiles(folder)
    yield* notePointers(space, folder)
    const { source } = space.assignment
    const overrides = "overrides" in source ? source.overrides : undefined
    const recognised = yield* recogniseApart(folder, offerOf(space, packages), overrides)
    for (const reason of recognised.reasoning) space.note(`recognised: ${reason}`)
    return {
      plan: yield* planOf(space, packages, folder, recognised),
      revision,
      recognisedAs: boundLine(recognised.reasoning.join("; "), recognisedBytesMax),
      portless: recognised.portless === true,
      needsRust: recognised.kind === "rust",
    }
  })

/** Fetches what has to be fetched and says how it is built. */
export const prepareInput = (
  space: BuildSpace,
  packages: PackageSource,
): Effect.Effect<Input, BuildFailed> => {
  const { source } = space.assignment
  switch (source._tag) {
    case "template":
      return fromTemplate(space, source.template)
    case "expression":
      return fromExpression(space, source.expression)
    case "git":
      return fromGit(space, packages, source)
    case "image":
      return Effect.fail(
        buildFailed("source-refused", "Nothing is built of an image: it is deployed as it is.", "Deploy it."),
      )
    case "folder":
      return Effect.flatMap(fetchFolder(space, source), (folder) =>
        understand(space, packages, folder, source.revision),
      )
  }
}
