import { spawn } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { Effect } from "effect"
import pg from "pg"
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest"
import { startPostgres } from "../dev/postgres.ts"
import { makeNamespace, traces } from "./lab/traces.ts"

// `npm run dev:all` as a developer types it, with the real platform, worker, engine and database; in a network
// namespace of its own, where it is as alone as on a developer's machine.

const NAMESPACE = `skyall-${process.pid}`
const checkout = join(import.meta.dirname, "..")
const folder = mkdtempSync(join(tmpdir(), "skypanel-all-"))
const data = join(folder, "data")
const settings = join(folder, ".env")
let namespace: ReturnType<typeof makeNamespace>

beforeAll(() => {
  namespace = makeNamespace(NAMESPACE)
  writeFileSync(settings, `SKYPANEL_DATA=${data}\nSKYPANEL_PORT=8080\nSKYPANEL_ENDPOINT_PORT=8000\n`)
})

afterAll(() => {
  namespace.remove()
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})

const start = () => {
  const [command, ...args] = namespace.inside("npm", "run", "dev:all", "--", "--settings", settings)
  const child = spawn(command, args, { cwd: checkout, stdio: ["ignore", "pipe", "pipe"] })
  let output = ""
  child.stdout.on("data", (text) => (output += text))
  child.stderr.on("data", (text) => (output += text))
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve))
  onTestFinished(async () => {
    child.kill("SIGTERM")
    await ended
  })
  const ready = vi.waitFor(
    () => expect(output).toMatch(/ready: http:\/\/localhost:8080 .* sign in as \S+ with \S+/),
    { timeout: 120_000, interval: 100 },
  )
  return { stop: () => child.kill("SIGTERM"), ended, ready, output: () => output }
}

const answer = async (path: string): Promise<string> => {
  const [command, ...args] = namespace.inside(
    "curl",
    "--silent",
    "--fail",
    "--max-time",
    "20",
    `http://127.0.0.1:8080${path}`,
  )
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] })
  let text = ""
  child.stdout.on("data", (bytes) => (text += bytes))
  await new Promise((resolve) => child.on("close", resolve))
  return text
}

/** The row of the embedded worker, read from the database of a run that has stopped. */
const workerRow = () =>
  Effect.runPromise(
    Effect.gen(function* () {
      const server = yield* startPostgres({ directory: join(data, "postgres"), durable: true })
      return yield* Effect.promise(async () => {
        const client = new pg.Client(server.urlOf("skypanel"))
        await client.connect()
        try {
          const { rows } = await client.query("select name, goodbye, development from worker")
          return rows
        } finally {
          await client.end()
        }
      })
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )

describe("npm run dev:all", () => {
  it("starts everything, stops it all, and starts again", async () => {
    const before = traces(NAMESPACE, data)
    const first = start()
    await first.ready
    expect(JSON.parse(await answer("/readyz"))).toEqual({ status: "ready" })
    expect(await answer("/")).toMatch(/<!doctype html>/i)
    expect(JSON.parse(readFileSync(join(data, "run", "cli.json"), "utf8")).url).toBe("http://127.0.0.1:8080")

    first.stop()
    expect(await first.ended, first.output()).toBe(0)
    expect(traces(NAMESPACE, data)).toEqual(before)
    // Its state follows from what it said at the next look, which may be the next platform's.
    expect(await workerRow()).toEqual([{ name: "development", goodbye: "stopped", development: true }])

    const second = start()
    await second.ready
    second.stop()
    expect(await second.ended, second.output()).toBe(0)
    expect(traces(NAMESPACE, data)).toEqual(before)
  }, 300_000)
})
