import { Stream } from "effect"

/** Values of `next` as they appear, looked for every 10 ms; ends when `next` says null and nothing is left. */
export const polled = <A>(next: () => ReadonlyArray<A> | null) =>
  Stream.tick("10 millis").pipe(
    Stream.map(next),
    Stream.takeWhile((items) => items !== null),
    Stream.flatMap((items) => Stream.fromIterable(items ?? [])),
  )
