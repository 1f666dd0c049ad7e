import { Effect, Schema, Stream } from "effect"
import { HttpServerResponse } from "effect/http"

/**
 * Server-sent events as the contract's client reads them, and a comment at the start and every 15 seconds, which it
 * skips: the first one opens the stream, the others keep proxies from closing it.
 */
export const eventTexts = <A, I>(
  schema: Schema.Codec<A, I>,
  items: Stream.Stream<A>,
): Stream.Stream<string> => {
  const encode = Schema.encodeEffect(Schema.fromJsonString(Schema.toCodecJson(schema)))
  return Stream.merge(
    Stream.map(Stream.tick("15 seconds"), () => ":\n\n"),
    Stream.mapEffect(items, (item) => Effect.map(Effect.orDie(encode(item)), (data) => `data: ${data}\n\n`)),
  )
}

export const eventStream = <A, I>(schema: Schema.Codec<A, I>, items: Stream.Stream<A>) =>
  HttpServerResponse.stream(Stream.encodeText(eventTexts(schema, items)), {
    contentType: "text/event-stream",
    // nginx would hold events back until its buffer is full.
    headers: { "cache-control": "no-cache", "x-accel-buffering": "no" },
  })
