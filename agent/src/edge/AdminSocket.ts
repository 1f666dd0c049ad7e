import { connect } from "node:net"
import { Effect, Schema } from "effect"
import { type Entries, type MapChange, sizeOf } from "./mapChange.ts"

export class ProxyError extends Schema.TaggedError<ProxyError>()("ProxyError", { reason: Schema.String }) {}

const answerBytesMost = 1024 * 1024

/** One connection to the proxy's administration socket, one line of commands, the whole answer. */
export const command = (socketPath: string, text: string): Effect.Effect<string, ProxyError> =>
  Effect.callback<string, ProxyError>((resume) => {
    let answer = ""
    const socket = connect(socketPath)
    socket.setEncoding("utf8")
    socket.on("data", (chunk: string) => {
      answer += chunk
      if (answer.length > answerBytesMost) socket.destroy(new Error("its answer does not end"))
    })
    socket.on("error", (error) =>
      resume(Effect.fail(new ProxyError({ reason: `its administration socket: ${error.message}` }))),
    )
    socket.on("close", () => resume(Effect.succeed(answer.trim())))
    socket.write(`${text}\n`)
    return Effect.sync(() => socket.destroy())
  }).pipe(
    Effect.timeoutOrElse({
      duration: "3 seconds",
      orElse: () => Effect.fail(new ProxyError({ reason: "its administration socket does not answer" })),
    }),
  )

/** For commands that say nothing when they succeed. */
const silent = (socketPath: string, text: string) =>
  Effect.flatMap(command(socketPath, text), (answer) =>
    answer === "" ? Effect.void : Effect.fail(new ProxyError({ reason: answer.slice(0, 300) })),
  )

/** HAProxy reads a command with its payload into one buffer, of 16 KiB. */
const commandBytesMost = 12_000

/** The texts, joined into as few as fit. */
const joined = (texts: Iterable<string>, separator: string): ReadonlyArray<string> => {
  const parts: Array<string> = []
  let part = ""
  for (const text of texts) {
    if (part !== "" && part.length + text.length >= commandBytesMost) {
      parts.push(part)
      part = ""
    }
    part += part === "" ? text : separator + text
  }
  return part === "" ? parts : [...parts, part]
}

const add = (socketPath: string, to: string, entries: Iterable<readonly [string, string]>) =>
  Effect.forEach(
    joined(
      Array.from(entries, ([key, value]) => `${key} ${value}`),
      "\n",
    ),
    (lines) => silent(socketPath, `add map ${to} <<\n${lines}\n`),
    { discard: true },
  )

/**
 * Replaces a whole map at once: a new version is filled beside the one in use and then takes its place, so no request
 * ever sees a part of it. https://docs.haproxy.org/2.6/management.html#9.3-prepare%20map
 */
export const replaceMap = Effect.fnUntraced(function* (socketPath: string, map: string, entries: Entries) {
  const prepared = yield* command(socketPath, `prepare map ${map}`)
  const version = /^New version created: (\d+)$/.exec(prepared)?.[1]
  if (version === undefined) return yield* new ProxyError({ reason: prepared.slice(0, 300) })
  yield* add(socketPath, `@${version} ${map}`, entries)
  yield* silent(socketPath, `commit map @${version} ${map}`)
})

/** HAProxy looks for each entry that is set from the beginning: of a long map, many are slower than the whole. */
const singlyMost = 200

/** Changes a map to `after`. Each entry changes at once, but one after the other. */
export const changeMap = Effect.fnUntraced(function* (
  socketPath: string,
  map: string,
  change: MapChange,
  after: Entries,
) {
  if (sizeOf(change) > singlyMost) return yield* replaceMap(socketPath, map, after)
  yield* add(socketPath, map, change.added)
  const commands = [
    ...change.set.map(([key, value]) => `set map ${map} ${key} ${value}`),
    ...change.removed.map((key) => `del map ${map} ${key}`),
  ]
  yield* Effect.forEach(joined(commands, ";"), (line) => silent(socketPath, line), { discard: true })
})
