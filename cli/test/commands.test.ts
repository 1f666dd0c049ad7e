import { describe, expect, it } from "vitest"
import { usePlatform } from "./usePlatform.ts"

const { platform, held, run, live } = usePlatform()

describe("a service's life", () => {
  it("goes through all commands", async () => {
    await live()
    await live()
    const services = await run("services")
    expect(services.out).toMatch(
      /^NAME +STATE +RELEASE +DEPLOYMENT +HEALTHY +VOLUME +SOURCE +URL\nhello +live +2 +2 live +1 of 1 +— +template nodejs +http/,
    )
    const status = await run("status", "hello")
    expect(status.out).toMatch(/State +live\n/)
    expect(status.out).toMatch(/Price +\$0\.0083 an hour, \$6\.06 a month/)
    expect(status.out).toContain("GET / answered 200 in 3 ms")
    expect((await run("deployments", "hello")).out).toMatch(/NUMBER +STATUS.*\n +2 +live +deploy/)
    expect((await run("releases", "hello")).out).toMatch(/2 +serves/)
    expect((await run("rollback", "hello", "--wait")).code).toBe(0)
    expect(held("hello").service.release).toBe(1)
    const first = await run("rollback", "hello")
    expect(first.code).toBe(4)
    expect(first.err).toContain("no release before the current one")
    expect((await run("rollback", "hello", "2", "--wait")).code).toBe(0)
    expect(held("hello").service.release).toBe(2)
    expect((await run("stop", "hello", "--wait")).out).toBe("hello is stopped.\n")
    expect((await run("stop", "hello")).code).toBe(4)
    expect((await run("start", "hello", "--wait")).out).toBe("http://hello-acme.localhost:8000\n")
    expect((await run("restart", "hello", "--wait")).code).toBe(0)
    expect((await run("redeploy", "hello", "--wait")).code).toBe(0)
    const unasked = await run("delete", "hello")
    expect(unasked.code).toBe(2)
    expect(unasked.err).toContain("Add --yes")
    expect((await run("delete", "hello", "--yes", "--wait")).out).toBe("hello is deleted.\n")
    expect((await run("services")).out).toContain("No services yet")
  }, 60_000)

  it("cancels the newest deployment", async () => {
    platform().state.auto = null
    await run("deploy", "hello", "--template", "nodejs")
    expect((await run("cancel", "hello")).out).toBe("Deployment 1 of hello is being canceled.\n")
    expect(held("hello").deployments[0]!.status).toBe("canceled")
    expect((await run("cancel", "hello", "1")).code).toBe(4)
  })

  it.each([
    [["services"], []],
    [["templates"], [{ name: "nodejs" }]],
    [["workers"], [{ name: "dev" }]],
    [["whoami"], { user: { email: "admin@skypanel.localhost" } }],
  ])("prints JSON: %j", async (args, value) => {
    const { out, code } = await run(...args, "--json")
    expect(JSON.parse(out)).toMatchObject(value)
    expect(code).toBe(0)
  })

  it("shows templates, workers and who one is", async () => {
    expect((await run("templates")).out).toMatch(/nodejs +1 +skypanel +0\.5 +128 MiB +3000 +An HTTP/)
    expect((await run("workers")).out).toMatch(/dev \(development\) +active +services, builder +— +12 % of 2/)
    expect((await run("whoami")).out).toMatch(/User +admin@skypanel\.localhost \(administrator\)/)
  })
})
