import { spawn } from "node:child_process"
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { Effect, type Scope } from "effect"
import pg from "pg"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { ensureDatabase, type Postgres, startPostgres } from "./postgres.ts"
import { isRunning } from "./processes.ts"

let directory = ""
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "skypanel-pg-"))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const withPostgres = <A>(use: (server: Postgres) => Promise<A>): Promise<A> =>
  Effect.runPromise(
    Effect.flatMap(startPostgres({ directory, durable: true }), (server) =>
      Effect.promise(() => use(server)),
    ).pipe(Effect.scoped, Effect.provide(NodeServices.layer)) as Effect.Effect<A, never, never>,
  )

const query = async (server: Postgres, text: string) => {
  const client = new pg.Client(server.urlOf("postgres"))
  client.on("error", () => undefined)
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

const postmaster = () =>
  Number(readFileSync(join(directory, "data", "postmaster.pid"), "utf8").split("\n")[0])

describe("the embedded PostgreSQL", () => {
  it.each([
    ["open", 0o755],
    ["closed to other users, like root's home,", 0o700],
  ])("runs as another user in a folder %s and keeps what it was given", async (_, mode) => {
    chmodSync(directory, mode)
    const pid = await withPostgres(async (server) => {
      await query(server, "create table kept as select 42 as answer")
      expect(statSync(`/proc/${postmaster()}`).uid).not.toBe(0)
      return postmaster()
    })
    expect(isRunning(pid)).toBe(false)
    expect(await withPostgres((server) => query(server, "select answer from kept"))).toEqual([{ answer: 42 }])
  })

  it("lets nobody in without the password, and keeps that to its owner", async () => {
    await withPostgres(async (server) => {
      const url = new URL(server.urlOf("postgres"))
      url.password = "guess"
      await expect(new pg.Client(url.href).connect()).rejects.toThrow(/password authentication failed/)
    })
    expect(statSync(join(directory, "password")).mode & 0o777).toBe(0o600)
    expect(existsSync(join(directory, "password.initdb"))).toBe(false)
  })

  it("makes a database once", async () => {
    const names = await withPostgres(async (server) => {
      for (let times = 0; times < 2; times++) await Effect.runPromise(ensureDatabase(server, "sky-panel"))
      return query(server, "select datname from pg_database where datname = 'sky-panel'")
    })
    expect(names).toHaveLength(1)
  })

  it("starts over the remains of one that was killed, and of one that was left running", async () => {
    const script = join(directory, "hold.ts")
    writeFileSync(
      script,
      `import { NodeServices } from "${import.meta.resolve("@effect/platform-node")}"
import { Effect } from "${import.meta.resolve("effect")}"
import { startPostgres } from "${join(import.meta.dirname, "postgres.ts")}"
Effect.runPromise(startPostgres({ directory: ${JSON.stringify(directory)}, durable: true }).pipe(
  Effect.andThen(Effect.sync(() => console.log("started"))),
  Effect.andThen(Effect.never), Effect.scoped, Effect.provide(NodeServices.layer)))`,
    )
    const holder = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "inherit"] })
    await new Promise((resolve) => holder.stdout.once("data", resolve))
    const left = postmaster()
    process.kill(left, "SIGSTOP") // it cannot hear that its parent is gone
    holder.kill("SIGKILL")
    await vi.waitFor(() => expect(isRunning(holder.pid ?? 0)).toBe(false), { timeout: 10_000 })
    expect(isRunning(left)).toBe(true)
    expect(await withPostgres((server) => query(server, "select 1 as one"))).toEqual([{ one: 1 }])
    expect(isRunning(left)).toBe(false)
  }, 60_000)

  it("says what PostgreSQL said when it cannot start", async () => {
    await withPostgres(async () => undefined)
    writeFileSync(join(directory, "data", "postgresql.conf"), "no_such_setting = 1\n")
    const failing: Effect.Effect<Postgres, unknown, Scope.Scope | NodeServices.NodeServices> = startPostgres({
      directory,
      durable: true,
    })
    const error = await Effect.runPromise(
      failing.pipe(Effect.scoped, Effect.flip, Effect.provide(NodeServices.layer)),
    )
    expect(error).toMatchObject({
      what: "PostgreSQL",
      why: "exit code 1",
      log: expect.stringMatching(/no_such_setting/),
    })
  })
})
