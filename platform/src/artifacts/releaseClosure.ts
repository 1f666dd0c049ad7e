import type { ServiceId } from "@skypanel/contract/Id"
import { Effect } from "effect"
import { parseStorePath } from "../domain/artifacts/StorePath.ts"
import { Closures } from "./Closures.ts"

/** What a release's image is made of; null when the store no longer has it. */
export const closureOf = ({ storePath }: { readonly storePath: string }, service: ServiceId) =>
  Effect.gen(function* () {
    const closures = yield* Closures
    const closure = yield* closures.of(parseStorePath(storePath)?.base ?? "", service)
    return closure.length === 0 ? null : closure
  })
