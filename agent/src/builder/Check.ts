import type { PackagePlan } from "@skypanel/contract/Check"
import { Effect } from "effect"
import { type BuildFailed, buildFailed } from "./BuildFailed.ts"
import type { BuildSpace } from "./BuildSpace.ts"
import { cacheLookup } from "./CacheLookup.ts"
import { runCommand } from "./Command.ts"
import { type DerivationGraph, readGraph } from "./DerivationGraph.ts"
import { evaluate } from "./Evaluation.ts"
import { prepareInput } from "./Input.ts"
import type { Evaluated } from "./NixExpression.ts"
import { describePlan, imagePlan, planPaths } from "./PackagePlan.ts"
import type { PackageSource } from "./PackageSource.ts"
import { findSizes } from "./Upload.ts"

const lookupMs = 4000
/** Fetch, evaluation and look-ups together. */
const checkLasts = "100 seconds"
/** Paths in one command. */
const atOnce = 2000

/** Those of the paths that this machine's store does not have; an evaluation sees another one. */
const invalidPaths = (paths: ReadonlyArray<string>): Effect.Effect<ReadonlySet<string>> =>
  Effect.gen(function* () {
    const invalid = new Set<string>()
    for (let at = 0; at < paths.length; at += atOnce) {
      const some = paths.slice(at, at + atOnce)
      const { stdout, exitCode } = yield* runCommand(
        ["nix-store", "--check-validity", "--print-invalid", ...some],
        { seconds: 60, environment: { HOME: "/var/empty", NIX_CONF_DIR: "/var/empty" } },
      )
      for (const path of exitCode === 0 ? stdout.split("\n") : some) invalid.add(path)
    }
    return invalid
  })

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
    for (let at = 0; at < here.length; at += atOnce)
      for (const [path, bytes] of yield* findSizes(space, here.slice(at, at + atOnce)))
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
