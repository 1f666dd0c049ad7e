import type { PackagePlan } from "@skypanel/contract/Check"
import { Effect } from "effect"
import { type BuildFailed, buildFailed } from "./BuildFailed.ts"
import type { BuildSpace } from "./BuildSpace.ts"
import { cacheLookup } from "./CacheLookup.ts"
import { type DerivationGraph, readGraph } from "./DerivationGraph.ts"
import { evaluate } from "./Evaluation.ts"
import { prepareInput } from "./Input.ts"
import type { Evaluated } from "./NixExpression.ts"
import { describePlan, imagePlan, planPaths } from "./PackagePlan.ts"
import type { PackageSource } from "./PackageSource.ts"
import { findSizes } from "./Upload.ts"
import { invalidPaths, pathsAtOnce } from "./ValidPaths.ts"

const lookupMs = 4000
/** Fetch, evaluation and look-ups together. */
const checkLasts = "100 seconds"
const outputsOf = ({ derivations }: DerivationGraph): ReadonlyArray<string> => [
  ...new Set(
    Array.from(derivations.values(), ({ outputs }) => outputs.map(({ path }) => path))
      .flat()
      .filter((path) => path !== ""),
  ),
]

const resolve = (
  space: BuildSpace,
  packages: PackageSource,
  target: Evaluated,
  recognisedAs: string,
): Effect.Effect<PackagePlan> =>
  Effect.gen(function* () {
    const graph = yield* Effect.promise(() => readGraph(target.drvPath))
    const outputs = outputsOf(graph)
    const known = new Set(outputs)
    const invalid = yield* invalidPaths(outputs)
    const lookup = cacheLookup(space.config, space.assignment, packages, lookupMs)
    const planned = yield* Effect.promise(() =>
      planPaths(graph, target, (path) => known.has(path) && !invalid.has(path), lookup.find),
    )
    // What is here brings along what it refers to.
    const here = Array.from(planned).flatMap(([path, { state }]) => (state === "on-builder" ? [path] : []))
    for (let at = 0; at < here.length; at += pathsAtOnce)
      for (const [path, bytes] of yield* findSizes(space, here.slice(at, at + pathsAtOnce)))
        planned.set(path, { state: "on-builder", bytes, bytesToFetch: 0 })
    return describePlan(graph, target, recognisedAs, planned, lookup.cut())
  })

/** Reads and evaluates the source as a build would, and says what that build would need. Builds nothing. */
export const runCheck = (
  space: BuildSpace,
  packages: PackageSource,
): Effect.Effect<PackagePlan, BuildFailed> =>
  Effect.gen(function* () {
    const { plan, recognisedAs } = yield* prepareInput(space, packages)
    if (plan._tag === "image") return imagePlan(space.assignment.serviceName, recognisedAs)
    // Only a locked flake reaches anything: its inputs.
    space.egress.setPolicy({
      allowPrivate: false,
      ports: new Set([80, 443]),
      exceptions: new Set(),
      receivedMax: space.assignment.limits.sourceBytes,
      cache: null,
    })
    const known = space.assignment.learned ?? []
    const target = yield* evaluate(space, packages, yield* plan.evaluation(known))
    return yield* resolve(space, packages, target, recognisedAs)
  }).pipe(
    Effect.timeoutOrElse({
      duration: checkLasts,
      orElse: () =>
        buildFailed("evaluation-limit", `The check did not end within ${checkLasts}.`, "Check it again."),
    }),
  )
