import { access, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { parseGitUrl } from "@skypanel/contract/GitUrl"
import type { Source } from "@skypanel/contract/Source"
import { Effect, Result } from "effect"
import { type BuildFailed, buildFailed } from "./BuildFailed.ts"
import type { BuildSpace } from "./BuildSpace.ts"
import type { EvaluationInput } from "./Evaluator.ts"
import { materialNames } from "./explain/StorePaths.ts"
import { fetchGit } from "./GitSource.ts"
import { narHash } from "./NarHash.ts"
import { flakeText, type Material, materialText, nixString } from "./NixExpression.ts"
import type { PackageSource } from "./PackageSource.ts"
import { type Recognised, recognise } from "./Recognise.ts"
import { readSourceTree, refuseEscapingLinks } from "./SourceTree.ts"

/** A source that was fetched and understood: what is left is Nix. */
export interface Input {
  readonly evaluation: EvaluationInput
  readonly revision: string | null
  readonly recognisedAs: string
}

const material = (name: string, path: string): Effect.Effect<Material> =>
  Effect.map(
    Effect.promise(() => narHash(path)),
    (hash) => ({ name, path, narHash: hash }),
  )

const fromTemplate = (space: BuildSpace, name: string): Effect.Effect<Input, BuildFailed> =>
  Effect.gen(function* () {
    const { templates: folder } = space.config
    const exists = yield* Effect.promise(() =>
      access(join(folder, name, "default.nix")).then(
        () => true,
        () => false,
      ),
    )
    if (!exists)
      return yield* buildFailed(
        "source-not-found",
        `This builder has no template “${name}”.`,
        "Choose one of the templates in the list.",
      )
    const templates = yield* material(materialNames.templates, folder)
    return {
      evaluation: {
        value: `import (${materialText(templates)} + ${nixString(`/${name}`)})`,
        materials: [templates],
        network: false,
        ours: true,
      },
      revision: null,
      recognisedAs: `template ${name}`,
    }
  })

const fromExpression = (space: BuildSpace, expression: string): Effect.Effect<Input> =>
  Effect.gen(function* () {
    const file = join(space.folder, materialNames.expression)
    yield* Effect.promise(() => writeFile(file, expression))
    const written = yield* material(materialNames.expression, file)
    return {
      evaluation: {
        value: `import (${materialText(written)})`,
        materials: [written],
        network: false,
        ours: false,
      },
      revision: null,
      recognisedAs: "Nix expression",
    }
  })

const evaluationOf = (
  space: BuildSpace,
  packages: PackageSource,
  source: Material,
  recognised: Recognised,
): Effect.Effect<EvaluationInput> =>
  Effect.gen(function* () {
    if (recognised._tag === "nix")
      return { value: `import (${materialText(source)})`, materials: [source], network: false, ours: false }
    if (recognised._tag === "flake")
      return {
        value:
          packages.set.kind === "embedded" ? flakeText(source, packages.packages) : lockedFlakeText(source),
        materials: [source],
        network: packages.set.kind === "nixpkgs",
        ours: false,
      }
    const templates = yield* material(materialNames.templates, space.config.templates)
    const start = recognised.start === null ? "" : `start = ${nixString(recognised.start)};`
    const registry =
      packages.npmRegistry === null ? `npmRegistry = ${nixString(space.config.npmRegistry)};` : ""
    return {
      value: `import (${materialText(templates)} + "/builders/${recognised._tag}.nix") {
        inherit pkgs; src = ${materialText(source)}; name = ${nixString(space.assignment.serviceName)}; ${start} ${registry} }`,
      materials: [templates, source],
      network: false,
      ours: true,
    }
  })

/** A flake as Nix itself reads it, with its locked inputs. */
const lockedFlakeText = (source: Material): string => `
  let flake = builtins.getFlake ("path:" + builtins.unsafeDiscardStringContext "\${${materialText(source)}}" + "?narHash=${source.narHash}");
  in flake.packages.\${system}.default or flake.defaultPackage.\${system} or (throw "the flake has no packages.\${system}.default")`

const fromGit = (
  space: BuildSpace,
  packages: PackageSource,
  source: Extract<Source, { _tag: "git" }>,
): Effect.Effect<Input, BuildFailed> =>
  Effect.gen(function* () {
    const url = parseGitUrl(source.url, { allowPrivate: space.config.allowPrivateGit })
    if (Result.isFailure(url))
      return yield* buildFailed(
        "source-refused",
        `The Git URL is not allowed: ${url.failure.reason}.`,
        "Use an https:// or ssh:// URL of a public repository.",
      )
    const { folder, commit } = yield* fetchGit(space, url.success, source.ref)
    yield* refuseEscapingLinks(folder)
    const recognised = recognise(yield* readSourceTree(folder))
    if (Result.isFailure(recognised)) return yield* recognised.failure
    space.note(`recognised: ${recognised.success.explanation}`)
    const fetched = yield* material(materialNames.source, folder)
    return {
      evaluation: yield* evaluationOf(space, packages, fetched, recognised.success),
      revision: commit,
      recognisedAs: recognised.success.explanation,
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
  }
}
