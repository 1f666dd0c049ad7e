import type { Worker } from "@skypanel/contract/Worker"
import { Effect } from "effect"
import { EndedOtherwise } from "./Failure.ts"
import { changesOfFleet, lookUntil } from "./lookUntil.ts"
import type { Client } from "./Platform.ts"
import { drainChanges } from "./render/drain.ts"
import type { Style } from "./render/style.ts"
import { oneLine } from "./render/text.ts"
import { workerChanges } from "./render/worker.ts"
import { Screen } from "./Screen.ts"

interface Awaited {
  /** What has happened since the look before, which there may have been none of. */
  readonly changes: (before: Worker | null, now: Worker, style: Style) => ReadonlyArray<string>
  /** The worker when it is as awaited, null when not yet, a sentence when it never will be. Asked with null: it is gone. */
  readonly ended: (now: Worker | null) => Worker | null | string
}

/** Looks at a worker until it is as awaited, and shows how it goes on standard error. */
const awaitWorker = Effect.fnUntraced(function* (client: Client, name: string, awaited: Awaited) {
  const screen = yield* Screen
  let before: Worker | null = null
  const look = Effect.gen(function* () {
    const now: Worker | null = yield* client.workers.get({ params: { worker: name } }).pipe(
      Effect.map((worker) => (worker.state === "removed" ? null : worker)),
      Effect.catchTag("NotFound", () => Effect.succeed(null)),
    )
    if (now !== null) yield* screen.note(awaited.changes(before, now, screen.err))
    before = now
    const ended = awaited.ended(now)
    if (typeof ended !== "string") return ended
    return yield* new EndedOtherwise({
      message: ended,
      next: `See what happened: skypanel workers events ${oneLine(name)}`,
    })
  })
  return yield* lookUntil(changesOfFleet(client), look)
})

export const awaitActive = (client: Client, name: string) =>
  awaitWorker(client, name, {
    changes: workerChanges,
    ended: (now) => {
      if (now === null) return `${name} was removed.`
      return now.state === "active" ? now : null
    },
  })

export const awaitDrained = (client: Client, name: string) =>
  awaitWorker(client, name, {
    changes: drainChanges,
    ended: (now) => {
      if (now === null) return `${name} was removed.`
      if (now.availability === "active") return `The drain of ${name} was stopped.`
      return now.state === "drained" ? now : null
    },
  })

export const awaitRemoved = (client: Client, worker: Worker) =>
  awaitWorker(client, worker.name, {
    changes: drainChanges,
    ended: (now) => {
      // A name is free again when its worker is gone: another one may have it by now.
      if (now === null || now.id !== worker.id) return { ...worker, state: "removed" }
      return now.availability === "remove" ? null : `The removal of ${worker.name} was stopped.`
    },
  })
