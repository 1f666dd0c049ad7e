import pg from "pg"
import { describe, expect, it } from "vitest"
import { useEngine, usePostgres } from "./fixtures.ts"

describe("usePostgres", () => {
  const postgres = usePostgres(async (url) => {
    const client = new pg.Client(url)
    await client.connect()
    await client.query("create table mark (n int)")
    await client.end()
  })

  it("gives each test a database of its own, like the prepared one", async () => {
    const [a, b] = [await postgres().database(), await postgres().database()]
    const count = async (url: string, insert: boolean) => {
      const client = new pg.Client(url)
      await client.connect()
      if (insert) await client.query("insert into mark values (1)")
      const { rows } = await client.query("select count(*)::int as n from mark")
      await client.end()
      return rows[0].n
    }
    expect(await count(a, true)).toBe(1)
    expect(await count(b, false)).toBe(0)
  })
})

describe("useEngine", () => {
  const engine = useEngine()

  it("is a swarm manager that no other engine on this machine knows", async () => {
    const info = await engine().docker.info()
    expect(info.Swarm).toMatchObject({ LocalNodeState: "active", ControlAvailable: true, Nodes: 1 })
    expect(info.Containers).toBe(0)
  })
})
