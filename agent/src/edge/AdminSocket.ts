import { connect } from "node:net"
import { Effect, Schema } from "effect"
import { files } from "./proxyConfig.ts"

export class ProxyError extends Schema.TaggedError<ProxyError>()("ProxyError", { reason: Schema.String }) {}

const answerBytesMost = 1024 * 1024

/** One connection to the proxy's administration socket, one command, its whole answer. */
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

const linesPerCommand = 50

/**
 * Replaces the whole map at once: a new version is filled beside the one in use and then takes its place, so no
 * request ever sees a part of it. https://docs.haproxy.org/2.6/management.html#9.3-prepare%20map
 */
export const replaceMap = Effect.fnUntraced(function* (socketPath: string, text: string) {
  const prepared = yield* command(socketPath, `prepare map ${files.map}`)
  const version = /^New version created: (\d+)$/.exec(prepared)?.[1]
  if (version === undefined) return yield* new ProxyError({ reason: prepared.slice(0, 300) })
  const lines = text.split("\n").filter((line) => line !== "")
  for (let at = 0; at < lines.length; at += linesPerCommand) {
    const payload = lines.slice(at, at + linesPerCommand).join("\n")
    yield* silent(socketPath, `add map @${version} ${files.map} <<\n${payload}\n`)
  }
  yield* silent(socketPath, `commit map @${version} ${files.map}`)
})
