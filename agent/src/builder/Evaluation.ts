import { Effect } from "effect"
import { type BuildFailed, buildFailed } from "./BuildFailed.ts"
import type { BuildSpace } from "./BuildSpace.ts"
import { isDerivationPath, readDerivation } from "./DerivationGraph.ts"
import { notMade } from "./EvaluationStore.ts"
import { type EvaluationInput, runEvaluator } from "./Evaluator.ts"
import { explainEvaluation } from "./explain/EvaluationFailure.ts"
import { type Names, noNames } from "./explain/NearestName.ts"
import {
  type Described,
  type Evaluated,
  evaluationText,
  insidePath,
  type Material,
  namesText,
  type Packages,
  parseEvaluated,
} from "./NixExpression.ts"
import type { PackageSource } from "./PackageSource.ts"

const instantiate = (text: string) => [
  "nix-instantiate",
  "--eval",
  "--strict",
  "--json",
  "--read-write-mode",
  "--expr",
  text,
]

/** The names that a message may have meant; looked up only after one was not found. */
const availableNames = (space: BuildSpace, packages: Packages): Effect.Effect<Names> =>
  Effect.map(
    runEvaluator(space, { materials: [packages], network: false }, instantiate(namesText(packages))),
    ({ stdout, ended }) => (ended.exitCode === 0 ? (JSON.parse(stdout) as Names) : noNames),
  )

/**
 * Newer Nix (2.20 on) lets pure evaluation read a folder by its hash only when it is in the store already; older Nix
 * copies it itself, which is one program less to start.
 */
const addMaterials = (space: BuildSpace, materials: ReadonlyArray<Material>): Effect.Effect<void> => {
  const outside = materials.filter(({ path }) => !path.startsWith("/nix/store/"))
  if (outside.length === 0) return Effect.void
  const paths = outside.map(insidePath)
  return Effect.asVoid(
    runEvaluator(space, { materials: outside, network: false }, ["nix-store", "--add", ...paths]),
  )
}

/**
 * Brings the derivation where it is built, and takes its output from it: who could say which path that is would be given
 * the closure of anybody whose path is known.
 */
const release = (space: BuildSpace, described: Described): Effect.Effect<Evaluated, BuildFailed> =>
  Effect.gen(function* () {
    const { drvPath, outputName } = described
    if (!isDerivationPath(drvPath)) return yield* notMade("Its `drvPath` is no path of a derivation.")
    yield* space.evaluationStore.release(drvPath)
    const derivation = yield* Effect.promise(() => readDerivation(drvPath))
    if (derivation === null) return yield* notMade("It cannot be read, or is larger than 4 MiB.")
    const output = derivation.outputs.find(({ name }) => name === outputName)
    if (output === undefined || output.path === "")
      return yield* notMade("It has no output of the name in `outputName`, or none whose path is known.")
    return { ...described, outPath: output.path }
  })

/** Evaluates, bounded in time and memory, and registers the derivation in the store. */
export const evaluate = (
  space: BuildSpace,
  source: PackageSource,
  input: EvaluationInput,
): Effect.Effect<Evaluated, BuildFailed> =>
  Effect.gen(function* () {
    const { packages } = source
    const materials = [packages, ...input.materials]
    if (source.readsStoreOnly) yield* addMaterials(space, materials)
    const evaluation = yield* runEvaluator(
      space,
      { network: input.network, materials },
      instantiate(evaluationText(packages, input.value)),
    )
    if (evaluation.ended.exitCode === 0) {
      const found = parseEvaluated(evaluation.stdout)
      if ("drvPath" in found) return yield* release(space, found)
      return yield* buildFailed(
        "evaluation-failed",
        `The expression gives a ${found.type}, not a derivation.`,
        "Let it give a derivation, or a function of { pkgs, … } that gives one.",
        found.attributes.length === 0
          ? {}
          : { detail: `It has ${found.attributes.slice(0, 20).join(", ")}.` },
      )
    }
    const wantsNames = evaluation.lines.some((line) =>
      /undefined variable|attribute '.*' missing|without required argument/.test(line),
    )
    return yield* explainEvaluation({
      lines: evaluation.lines,
      ended: evaluation.ended,
      outOfMemory: evaluation.outOfMemory,
      outOfDisk: evaluation.outOfDisk,
      limits: space.assignment.limits,
      ours: input.ours,
      names: wantsNames ? yield* availableNames(space, packages) : noNames,
    })
  })
