import pg from "pg"
import { describe, expect, it } from "vitest"
import { useEngine, usePostgres } from "./fixtures.ts"

describe("usePostgres", () => {
  const postgres = usePostgres()

  const query = async (url: string, text: string) => {
    const client = new pg.Client(url)
    await client.connect()
    try {
      return (await client.query(text)).rows
    } finally {
      await client.end()
    }
  }
  const services = "select count(*)::int as count from service"

  it("gives each test a database of its own, with our tables or without", async () => {
    const [a, b] = await Promise.all([postgres().database(), postgres().database()])
    await query(a, "create table mark (n int)")
    expect(await query(b, "select to_regclass('mark') as mark")).toEqual([{ mark: null }])
    expect(await query(b, services)).toEqual([{ count: 0 }])
    await expect(query(await postgres().emptyDatabase(), services)).rejects.toThrow("does not exist")
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
