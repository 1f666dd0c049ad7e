import type { LogLine } from "@skypanel/contract/Log"
import { Effect } from "effect"
import { follow } from "./follow.ts"
import type { Client } from "./Platform.ts"

/** Lines asked for again after a cut, to find where the stream broke off. */
const overlap = 1000

/**
 * Lets each line through once although a stream that is opened again repeats some: of each instance, those after the
 * newest instant that was seen, and of that instant those whose text was not.
 */
export const unseen = (): ((line: LogLine) => boolean) => {
  const newest = new Map<string, { at: string; readonly texts: Set<string> }>()
  return (line) => {
    const seen = newest.get(line.origin)
    if (seen === undefined || line.at > seen.at) {
      newest.set(line.origin, { at: line.at, texts: new Set([`${line.seq} ${line.text}`]) })
      return true
    }
    const text = `${line.seq} ${line.text}`
    if (line.at < seen.at || seen.texts.has(text)) return false
    seen.texts.add(text)
    return true
  }
}

/** The newest lines of a running service, then new ones until the service is gone or the reader has enough. */
export const followServiceLog = Effect.fnUntraced(function* <R>(
  client: Client,
  params: { readonly organization: string; readonly service: string },
  lines: number,
  each: (line: LogLine) => Effect.Effect<void, never, R>,
) {
  let isNew: ((line: LogLine) => boolean) | null = null
  yield* follow({
    open: () =>
      client.services.followLogs({ params, query: { lines: isNew === null ? lines : overlap } }).pipe(
        Effect.tap(() =>
          Effect.sync(() => {
            isNew ??= unseen()
          }),
        ),
      ),
    each: (line) => (isNew?.(line) === true ? each(line) : Effect.void),
    ended: client.services.get({ params }).pipe(Effect.map((service) => service.state === "deleting")),
  })
})
