import { Clock, Effect } from "effect"
import { Json } from "./flags.ts"
import type { View } from "./render/view.ts"
import { Screen } from "./Screen.ts"

/** Prints a result on standard output: as JSON when asked for, else for people. */
export const show = <A>(value: A, render: (value: A, view: View) => string | ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const screen = yield* Screen
    if (yield* Json) return yield* screen.print(JSON.stringify(value, null, 2))
    const now = yield* Clock.currentTimeMillis
    yield* screen.print(render(value, { style: screen.out, width: screen.width, now }))
  })
