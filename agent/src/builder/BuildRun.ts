import type { BuildObserved, BuildResult } from "@skypanel/contract/BuildAssignment"
import { formatSize } from "@skypanel/contract/Resources"
import { Effect } from "effect"
import { buildCache } from "./BuildCache.ts"
import { type BuildFailed, buildFailed } from "./BuildFailed.ts"
import type { BuildSpace } from "./BuildSpace.ts"
import { uploadDependencies } from "./Dependencies.ts"
import { buildImage, type ImagePlan } from "./dockerfile/ImageBuild.ts"
import { type KnownLayers, uploadSavedImage } from "./dockerfile/ImageUpload.ts"
import type { LayerCaches } from "./dockerfile/LayerCaches.ts"
import { destinationOf } from "./EgressPolicy.ts"
import { evaluate } from "./Evaluation.ts"
import { EvaluationMemory } from "./EvaluationMemory.ts"
import type { EvaluationInput } from "./Evaluator.ts"
import { prepareInput } from "./Input.ts"
import { type Hashed, withHashes } from "./learn/Learns.ts"
import { learn } from "./learn/learn.ts"
import type { Evaluated } from "./NixExpression.ts"
import type { NixPlan } from "./NixPlan.ts"
import type { PackageSource } from "./PackageSource.ts"
import { realise } from "./Realisation.ts"
import type { LockedFile } from "./recognise/Recognised.ts"
import { findStartCommand } from "./StartCommand.ts"
import { type Closure, findClosure, uploadClosure } from "./Upload.ts"

/** What builds leave for later ones. */
export interface Kept {
  readonly evaluations: EvaluationMemory
  readonly layers: KnownLayers
  readonly caches: LayerCaches
}

/** Packages and dependencies of one build, and the images that one is made on. */
const downloadBytesMax = 16 * 1024 ** 3

interface Built {
  readonly evaluated: Evaluated
  readonly closure: Closure
}

type Phase = BuildObserved["phase"]

const evaluateOnce = (
  space: BuildSpace,
  packages: PackageSource,
  memory: EvaluationMemory,
  input: EvaluationInput,
) =>
  Effect.gen(function* () {
    const key = EvaluationMemory.key(space.assignment.organizationId, input, packages)
    const known = memory.get(key)
    if (known !== null) {
      const closure = yield* findClosure(space, known.outPath)
      if (closure.paths.length > 0) return { evaluated: known, closure }
    }
    const evaluated = yield* evaluate(space, packages, input)
    memory.set(key, evaluated)
    return { evaluated, closure: null }
  })

const build = (
  space: BuildSpace,
  packages: PackageSource,
  evaluated: Evaluated,
  learns: ReadonlyArray<Hashed>,
  locked: ReadonlyArray<LockedFile>,
): Effect.Effect<Built, BuildFailed> =>
  Effect.gen(function* () {
    yield* realise(space, packages, evaluated, learns, locked)
    const closure = yield* findClosure(space, evaluated.outPath)
    if (closure.paths.length === 0)
      return yield* buildFailed("internal", "What was built is not in the store.", "Deploy again.")
    return { evaluated, closure }
  })

type Enter = (phase: Phase) => Effect.Effect<void>
type Made = Omit<BuildResult, "revision" | "recognisedAs">

const makeClosure = (
  space: BuildSpace,
  packages: PackageSource,
  plan: NixPlan,
  { evaluations }: Kept,
  enter: Enter,
): Effect.Effect<Made, BuildFailed> =>
  Effect.gen(function* () {
    space.egress.setPolicy({
      allowPrivate: false,
      ports: new Set([80, 443]),
      exceptions: new Set(
        [
          space.config.npmRegistry,
          space.config.crates,
          space.config.goProxy,
          space.config.wheels,
          packages.npmRegistry ?? [],
        ]
          .flat()
          .map(destinationOf),
      ),
      receivedMax: downloadBytesMax,
      cache: buildCache(space.config, space.assignment),
    })
    const known = yield* learn(space, packages, plan)
    yield* enter("evaluating")
    const found = yield* evaluateOnce(space, packages, evaluations, yield* plan.evaluation(known))
    yield* enter("building")
    if (found.closure !== null) space.note("nothing has changed: it was built before")
    const built =
      found.closure === null
        ? yield* build(space, packages, found.evaluated, withHashes(plan.learns, known), plan.locked)
        : (found as Built)
    const command = yield* findStartCommand(built.evaluated, built.closure)
    yield* enter("uploading")
    yield* uploadClosure(space, built.closure)
    // What has not changed has said its own before.
    if (found.closure === null) yield* uploadDependencies(space, packages, built.evaluated.drvPath)
    space.note(`built: ${built.closure.paths.length} paths, ${formatSize(built.closure.bytes)}`)
    return {
      storePath: built.evaluated.outPath,
      command,
      closureBytes: built.closure.bytes,
      closurePaths: built.closure.paths.length,
    }
  })

const makeImage = (
  space: BuildSpace,
  plan: ImagePlan,
  { caches, layers }: Kept,
  enter: Enter,
): Effect.Effect<Made, BuildFailed> =>
  Effect.gen(function* () {
    const { baseImageMirror } = space.config
    space.egress.setPolicy({
      allowPrivate: false,
      ports: new Set([80, 443]),
      exceptions: new Set([baseImageMirror ?? []].flat().map(destinationOf)),
      receivedMax: downloadBytesMax,
      cache: null,
    })
    yield* enter("building")
    const saved = yield* buildImage(space, plan, caches)
    yield* enter("uploading")
    const image = yield* uploadSavedImage(space, saved, layers)
    space.note(`built: ${image.layers} layers, ${formatSize(image.bytes)}`)
    return {
      storePath: image.storePath,
      image: { port: image.port },
      command: [],
      closureBytes: image.bytes,
      closurePaths: image.layers,
    }
  })

const withRust = (space: BuildSpace, source: PackageSource): Effect.Effect<PackageSource, BuildFailed> =>
  source.bringRust === null
    ? Effect.succeed(source)
    : Effect.map(
        source.bringRust(() => space.note("making Rust ready, once for this builder")),
        (packages) => ({ ...source, packages }),
      )

/** One build from its source to its closure, or its image, on the platform. */
export const runBuild = (
  space: BuildSpace,
  packages: PackageSource,
  kept: Kept,
  enter: Enter,
): Effect.Effect<BuildResult, BuildFailed> =>
  Effect.gen(function* () {
    yield* enter("fetching")
    const { plan, revision, recognisedAs, portless, needsRust } = yield* prepareInput(space, packages)
    const source = needsRust === true ? yield* withRust(space, packages) : packages
    const made =
      plan._tag === "image"
        ? yield* makeImage(space, plan, kept, enter)
        : yield* makeClosure(space, source, plan, kept, enter)
    return { ...made, revision, recognisedAs, ...(portless === true && { portless }) }
  })
