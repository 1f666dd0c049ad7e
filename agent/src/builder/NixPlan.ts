import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { LearnedHash } from "@skypanel/contract/LearnedHash"
import { Effect } from "effect"
import type { BuildSpace } from "./BuildSpace.ts"
import type { EvaluationInput } from "./Evaluator.ts"
import { materialNames } from "./explain/StorePaths.ts"
import { type Learns, unknownOf, withHashes } from "./learn/Learns.ts"
import { narHash } from "./NarHash.ts"
import { flakeText, type Material, materialText, nixString } from "./NixExpression.ts"
import type { PackageSource } from "./PackageSource.ts"
import type { LockedFile, Recognised } from "./recognise/Recognised.ts"

/** What Nix makes of it, once the hashes are known that no lock file has. */
export interface NixPlan {
  readonly _tag: "nix"
  readonly learns: ReadonlyArray<Learns>
  readonly locked: ReadonlyArray<LockedFile>
  readonly evaluation: (known: ReadonlyArray<LearnedHash>) => Effect.Effect<EvaluationInput>
  /** What fetches those whose hashes are not known. */
  readonly learning: (known: ReadonlyArray<LearnedHash>) => Effect.Effect<EvaluationInput>
}

/** Of an expression that knows all that it needs. */
export const nixPlan = (evaluation: EvaluationInput): NixPlan => ({
  _tag: "nix",
  learns: [],
  locked: [],
  evaluation: () => Effect.succeed(evaluation),
  learning: () => Effect.succeed(evaluation),
})

/** A file or folder of this machine, with its hash. */
export const materialOf = (name: string, path: string): Effect.Effect<Material> =>
  Effect.map(
    Effect.promise(() => narHash(path)),
    (hash) => ({ name, path, narHash: hash }),
  )

export const textMaterial = (space: BuildSpace, name: string, text: string): Effect.Effect<Material> => {
  const file = join(space.folder, name)
  return Effect.andThen(
    Effect.promise(() => writeFile(file, text)),
    materialOf(name, file),
  )
}

/** A flake as Nix itself reads it, with its locked inputs. */
const lockedFlakeText = (source: Material, folder: string): string => `
  let flake = builtins.getFlake ("path:" + builtins.unsafeDiscardStringContext "\${${materialText(source)}}" + "?narHash=${source.narHash}${folder === "" ? "" : `&dir=${folder}`}");
  in flake.packages.\${system}.default or flake.defaultPackage.\${system} or (throw "the flake has no packages.\${system}.default")`

/** One of the templates' builders, with what was recognised for it. */
const withBuilder = (
  space: BuildSpace,
  packages: PackageSource,
  source: Material,
  { builder, place, plan }: { readonly builder: string; readonly place: string; readonly plan: object },
): Effect.Effect<EvaluationInput> =>
  Effect.gen(function* () {
    const { goProxy, npmRegistry, templates: folder } = space.config
    const templates = yield* materialOf(materialNames.templates, folder)
    // A file of its own: the packages of a large lock file are more than an argument of a process may hold.
    const written = yield* textMaterial(space, materialNames.plan, JSON.stringify(plan))
    return {
      value: `import (${materialText(templates)} + "/builders/${builder}.nix") ({
        inherit pkgs; src = ${place}; name = ${nixString(space.assignment.serviceName)};
        npmRegistry = ${nixString(packages.npmRegistry ?? npmRegistry)}; goProxy = ${nixString(goProxy)};
      } // builtins.fromJSON (builtins.readFile (${materialText(written)})))`,
      materials: [templates, source, written],
      network: false,
      ours: true,
    }
  })

/** Of what was recognised. */
export const recognisedPlan = (
  space: BuildSpace,
  packages: PackageSource,
  source: Material,
  { kind, folder, settings, learns = [], locked = [] }: Recognised,
): NixPlan => {
  const place = folder === "" ? materialText(source) : `${materialText(source)} + ${nixString(`/${folder}`)}`
  if (kind === "nix")
    return nixPlan({ value: `import (${place})`, materials: [source], network: false, ours: false })
  if (kind === "flake")
    return nixPlan({
      value:
        packages.set.kind === "embedded"
          ? flakeText(place, packages.packages)
          : lockedFlakeText(source, folder),
      materials: [source],
      network: packages.set.kind === "nixpkgs",
      ours: false,
    })
  return {
    _tag: "nix",
    learns,
    locked,
    evaluation: (known) => {
      const hashed = learns.length === 0 ? {} : { learns: withHashes(learns, known) }
      return withBuilder(space, packages, source, { builder: kind, place, plan: { ...settings, ...hashed } })
    },
    learning: (known) => {
      const plan = { learns: withHashes(unknownOf(learns, known), known) }
      return withBuilder(space, packages, source, { builder: "learn", place, plan })
    },
  }
}
