import { Effect } from "effect"
import type { NarInfo } from "../../domain/artifacts/narInfo.ts"
import { UploadRefused } from "../errors.ts"
import type { AwaitedPath } from "./Upstream.ts"

const pathsMost = 10_000

/**
 * What has to be fetched so that a path is in the store with everything it refers to: hashes, each after those it refers
 * to, the path itself last; empty when nobody has it. Whoever downloads usually has asked for the references before, or
 * has them: then they are here, or nothing but their archives is missing.
 */
export const planOf = <E>(
  hash: string,
  find: (hash: string) => Effect.Effect<AwaitedPath | null>,
  findHere: (hash: string) => Effect.Effect<NarInfo | null, E>,
): Effect.Effect<ReadonlyArray<string>, E | UploadRefused> => {
  const order = new Set<string>()
  const open = new Set<string>()
  const visit = (at: string): Effect.Effect<void, E | UploadRefused> =>
    Effect.gen(function* () {
      if (order.has(at) || (yield* findHere(at)) !== null) return
      const path = yield* find(at)
      if (path === null && at === hash) return
      if (path === null || open.has(at) || open.size + order.size > pathsMost)
        return yield* new UploadRefused({ message: `what it refers to cannot be had: ${at}` })
      open.add(at)
      for (const reference of path.info.references) if (reference.hash !== at) yield* visit(reference.hash)
      open.delete(at)
      order.add(at)
    })
  return Effect.map(visit(hash), () => [...order])
}
