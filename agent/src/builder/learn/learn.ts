import type { LearnedHash } from "@skypanel/contract/LearnedHash"
import { Effect } from "effect"
import type { BuildFailed } from "../BuildFailed.ts"
import type { BuildSpace } from "../BuildSpace.ts"
import { evaluate } from "../Evaluation.ts"
import { explainBuild } from "../explain/BuildFailure.ts"
import { hashMismatches } from "../explain/HashMismatch.ts"
import type { NixPlan } from "../NixPlan.ts"
import type { PackageSource } from "../PackageSource.ts"
import { tryRealise } from "../Realisation.ts"
import { type Learns, learnedHash, unknownOf, withHashes } from "./Learns.ts"

/** Fetches what has no hash yet. Nix finds that it is not the one that it was named by, and keeps it by its own. */
const fetchUnknown = (
  space: BuildSpace,
  packages: PackageSource,
  plan: NixPlan,
  unknown: ReadonlyArray<Learns>,
): Effect.Effect<ReadonlyArray<LearnedHash>, BuildFailed> =>
  Effect.gen(function* () {
    const held = space.assignment.learned ?? []
    const target = yield* evaluate(space, packages, yield* plan.learning(held))
    const failed = yield* tryRealise(space, packages, target, ["--keep-going"])
    if (failed === null) return yield* Effect.die(new Error("what has no hash was there"))
    const found = hashMismatches(failed.messages)
    const learned = unknown.flatMap((each) => {
      const got = found.find(({ name }) => name === each.name)?.got
      return got === undefined ? [] : [learnedHash(each, got)]
    })
    if (learned.length === unknown.length) return learned
    const messages = failed.messages.filter((message) => hashMismatches([message]).length === 0)
    return yield* explainBuild({ ...failed, messages, learns: withHashes(unknown, held) })
  })

/**
 * The hashes of all that the plan's lock files have none of: those that the service's builds are held to, and of the
 * others what is fetched now. A build whose hashes are all known fetches nothing here.
 */
export const learn = (
  space: BuildSpace,
  packages: PackageSource,
  plan: NixPlan,
): Effect.Effect<ReadonlyArray<LearnedHash>, BuildFailed> =>
  Effect.gen(function* () {
    if (plan.learns.length === 0) return []
    const held = space.assignment.learned ?? []
    const unknown = unknownOf(plan.learns, held)
    const learned = unknown.length === 0 ? [] : yield* fetchUnknown(space, packages, plan, unknown)
    for (const { subject, lock, hash } of learned)
      space.note(`learned: ${subject} (${lock}) has the hash ${hash}; later builds are held to it`)
    const used = withHashes(plan.learns, [...held, ...learned]).map((each) => learnedHash(each, each.hash))
    for (const { subject, lock, hash } of used)
      if (!learned.some((each) => each.lock === lock))
        space.note(`held to: ${subject} (${lock}) has the hash ${hash}`)
    space.sawLearned(used)
    return used
  })
