import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { Deferred, Effect } from "effect"
import { afterAll, describe, expect, it } from "vitest"
import type { CannotStart } from "./CannotStart.ts"
import { keepRunning, pauseBefore } from "./child.ts"

const folder = mkdtempSync(join(tmpdir(), "skypanel-child-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const started = join(folder, "started")
const child = (script: string, readyWithin = 20_000) => ({
  program: {
    name: "child",
    command: process.execPath,
    args: ["-e", script],
    log: join(folder, "child.log"),
    stopSignal: "SIGTERM" as const,
    stopWithin: 300,
  },
  isReady: Effect.suspend(() => (existsSync(started) ? Effect.void : Effect.fail("not yet"))),
  readyWithin,
})

const runScoped = <A, E>(
  effect: (failed: Deferred.Deferred<never, CannotStart>) => Effect.Effect<A, E, never>,
) => Effect.runPromise(Effect.flatMap(Deferred.make<never, CannotStart>(), effect).pipe(Effect.flip))

describe("a child", () => {
  it("that ends before it is ready fails with the end of its log", async () => {
    const error = await runScoped((failed) =>
      keepRunning(child("console.error('no database'); process.exit(3)"), failed).pipe(
        Effect.scoped,
        Effect.provide(NodeServices.layer),
      ),
    )
    expect(error).toMatchObject({ what: "child", why: "ended with exit code 3 before it was ready" })
    expect((error as CannotStart).log).toMatch("no database")
  })

  it("that does not get ready in time is ended, also when it does not listen", async () => {
    const pid = join(folder, "pid")
    const script = `process.on('SIGTERM', () => 0); require('fs').writeFileSync('${pid}', '' + process.pid); setInterval(() => 0, 1000)`
    const error = await runScoped((failed) =>
      keepRunning(child(script, 1000), failed).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
    )
    expect(error).toMatchObject({ why: "not ready after 1 seconds: not yet" })
    expect(() => process.kill(Number(readFileSync(pid, "utf8")), 0)).toThrow("ESRCH")
  })

  it("that ends again and again is given up", async () => {
    writeFileSync(started, "")
    const error = await runScoped((failed) =>
      keepRunning(child("setTimeout(() => process.exit(7), 50)"), failed).pipe(
        Effect.andThen(Deferred.await(failed)),
        Effect.scoped,
        Effect.provide(NodeServices.layer),
      ),
    )
    expect(error).toMatchObject({ why: "ended 5 times in two minutes; last: exit code 7" })
  }, 60_000)

  it("is given longer and longer pauses", () => {
    expect([1, 2, 3, 4, 5, 6, 20].map(pauseBefore)).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000])
  })
})
