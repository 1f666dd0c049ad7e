import { spawn } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Place } from "./application.ts"

export interface Load {
  readonly requests: number
  /** Refused, cut or too late connections, and answers other than 2xx and 3xx. */
  readonly failed: number
}

/**
 * A pause of 5 ms on each connection, because an unbounded load would only measure who wins the two processors; and
 * the count of everything that went wrong, as one line at the end.
 */
const script = `
function delay() return 5 end
done = function(summary)
  local e = summary.errors
  io.write(string.format("failed %d of %d\\n", e.connect + e.read + e.write + e.status + e.timeout, summary.requests))
end
`

/** Asks without pause with eight connections, until `stop`. */
export const startLoad = (place: Place, directory: string): { readonly stop: () => Promise<Load> } => {
  const file = join(directory, "load.lua")
  writeFileSync(file, script)
  const host = place.host === null ? [] : ["--header", `Host: ${place.host}`]
  const url = `http://${place.address}:${place.port}/mark`
  const child = spawn("wrk", [
    "--threads",
    "1",
    "--connections",
    "8",
    "--duration",
    "3600",
    "--script",
    file,
    ...host,
    url,
  ])
  let output = ""
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text
  })
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output += text
  })
  const kill = () => child.kill("SIGKILL")
  process.once("exit", kill)
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()))
  return {
    stop: async () => {
      // wrk counts and prints when it is interrupted.
      child.kill("SIGINT")
      await ended
      process.off("exit", kill)
      const found = /failed (\d+) of (\d+)/.exec(output)
      if (found === null) throw new Error(`wrk said:\n${output}`)
      return { failed: Number(found[1]), requests: Number(found[2]) }
    },
  }
}
