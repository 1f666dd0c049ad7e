import type { Duplex } from "node:stream"
import { parseRefUpdate, type RefUpdate, remoteLine } from "../domain/gitPush.ts"

/**
 * The one hook of all repositories: it hands what a push wants to the platform, which holds the other end of descriptor
 * 3, prints what comes back, and ends as it is told. A platform that is gone takes nothing.
 */
export const preReceive = `#!/bin/sh
{ printf '%s\\n' "$GIT_OBJECT_DIRECTORY" && cat && echo .; } >&3 || exit 1
while IFS= read -r line <&3; do
  case $line in
  accept) exit 0 ;;
  refuse) exit 1 ;;
  *) printf '%s\\n' "\${line#|}" ;;
  esac
done
echo 'The platform has ended meanwhile: push again.'
exit 1
`

export interface PushRequest {
  /** Where Git keeps what was pushed until the push is taken; empty when nothing came but names. */
  readonly quarantine: string
  readonly updates: ReadonlyArray<RefUpdate>
}

const requestBytesMax = 4 * 1024 * 1024

/** What the hook asks; null when it never did, or asks for nonsense. */
export const readRequest = (socket: Duplex): Promise<PushRequest | null> =>
  new Promise((resolve) => {
    let text = ""
    const look = (chunk: Buffer) => {
      text += chunk.toString("latin1")
      if (text.length > requestBytesMax) return done(null)
      if (!/(?:^|\n)\.\n$/.test(text)) return
      const [quarantine = "", ...lines] = Buffer.from(text, "latin1").toString().split("\n").slice(0, -2)
      const updates = lines.map(parseRefUpdate)
      done(updates.includes(null) ? null : { quarantine, updates: updates as ReadonlyArray<RefUpdate> })
    }
    const end = () => done(null)
    const done = (request: PushRequest | null) => {
      socket.off("data", look).off("end", end).off("error", end).off("close", end)
      // Whatever comes or goes later changes nothing.
      socket.on("error", () => undefined).resume()
      resolve(request)
    }
    socket.on("data", look).on("end", end).on("error", end).on("close", end)
  })

/** Says a line to whoever pushes; with nobody there to read it, it is lost. */
export const sayTo =
  (socket: Duplex) =>
  (line: string): void => {
    if (socket.writable) socket.write(`|${remoteLine(line)}\n`)
  }

export const answer = (socket: Duplex, accepted: boolean): void => {
  if (socket.writable) socket.end(accepted ? "accept\n" : "refuse\n")
}
