import { beforeEach, describe, expect, it } from "vitest"
import { newWorkerInstance } from "./fleetRows.ts"
import { usePlatform } from "./usePlatform.ts"

const { platform, run, begin } = usePlatform()
const fleet = () => platform().state.fleet

beforeEach(() => {
  fleet().add({ name: "fra1-a", instances: 20 })
  fleet().instances.set("fra1-a", [newWorkerInstance(2, "shop"), newWorkerInstance(3, "db")])
})

describe("workers drain", () => {
  it("starts it, with its deadline, and undrain takes it back", async () => {
    const { code, out } = await run("workers", "drain", "fra1-a", "--minutes", "30")
    expect({ code, out }).toEqual({
      code: 0,
      out: "fra1-a is being drained; to be moved away: 20 instances.\nSee how it goes: skypanel workers show fra1-a\n",
    })
    const { drain } = fleet().worker("fra1-a")
    expect(Date.parse(drain!.deadlineAt) - Date.parse(drain!.startedAt)).toBeGreaterThan(29 * 60_000)
    expect((await run("workers", "drain", "fra1-a")).code).toBe(4)
    expect((await run("workers", "undrain", "fra1-a")).out).toBe("fra1-a takes services again.\n")
    expect((await run("workers", "undrain", "fra1-a")).code).toBe(4)
  })

  it("shows with --wait how many are left, which are stuck and why", async () => {
    const running = begin("workers", "drain", "fra1-a", "--wait")
    await running.says("… 20 of 20 instances left")
    const stuck = [{ organization: "acme", service: "db", reason: "its volume is only here\u001b[2J" }]
    fleet().left("fra1-a", 7, stuck)
    await running.says("! acme/db cannot go: its volume is only here\n")
    fleet().left("fra1-a", 1, stuck)
    await running.says("… 1 of 20 instances left")
    fleet().left("fra1-a", 0)
    const { code, out, err } = await running.ended
    expect({ code, out }).toEqual({ code: 0, out: "fra1-a is drained.\n" })
    expect(err.match(/\d+ of 20/g)).toEqual(["20 of 20", "7 of 20", "1 of 20", "0 of 20"])
    expect(err.match(/acme\/db/g)).toHaveLength(1)
  })

  it("prints the worker with --json when it is drained", async () => {
    const running = begin("workers", "drain", "fra1-a", "--wait", "--json")
    await running.says("20 of 20")
    fleet().left("fra1-a", 0)
    expect(JSON.parse((await running.ended).out)).toMatchObject({ name: "fra1-a", state: "drained" })
  })

  it("ends with 1 when somebody stops the drain", async () => {
    const running = begin("workers", "drain", "fra1-a", "--wait")
    await running.says("20 of 20")
    await run("workers", "undrain", "fra1-a")
    const { code, out, err } = await running.ended
    expect({ code, out }).toEqual({ code: 1, out: "" })
    expect(err).toContain("The drain of fra1-a was stopped.")
  })

  it("goes on after Ctrl-C and after the time", async () => {
    const running = begin("workers", "drain", "fra1-a", "--wait")
    await running.says("20 of 20")
    running.process.kill("SIGINT")
    const { code, err } = await running.ended
    expect(code).toBe(130)
    expect(err).toContain("The drain of fra1-a goes on. See it: skypanel workers show fra1-a")
    expect(fleet().worker("fra1-a").state).toBe("draining")
    await run("workers", "undrain", "fra1-a")
    const late = await run("workers", "drain", "fra1-a", "--wait", "--timeout", "300ms")
    expect(late.code).toBe(5)
    expect(late.err).toContain("Not drained after 300ms.")
  })
})

describe("workers remove", () => {
  it("asks before, and cannot where nobody sits", async () => {
    const { code, out, err } = await run("workers", "remove", "fra1-a")
    expect({ code, out }).toEqual({ code: 2, out: "" })
    expect(err).toContain("Nobody can be asked whether fra1-a may be removed.")
    expect(err).toContain("Add --yes")
    expect(fleet().worker("fra1-a").availability).toBe("active")
  })

  it("drains first, and ends with --wait when the worker has left", async () => {
    const running = begin("workers", "remove", "fra1-a", "--yes", "--wait")
    await running.says("20 of 20")
    expect(fleet().worker("fra1-a").availability).toBe("remove")
    fleet().left("fra1-a", 0)
    await running.says("0 of 20")
    fleet().gone("fra1-a")
    // The name is free: another worker may have it before the waiting one looks again.
    fleet().add({ name: "fra1-a" })
    expect(await running.ended).toMatchObject({ code: 0, out: "fra1-a is removed.\n" })
  })

  it("says what is lost by force, and does it at once", async () => {
    const { code, out, err } = await run("workers", "remove", "fra1-a", "--force", "--yes")
    expect({ code, out }).toEqual({ code: 0, out: "fra1-a is removed.\n" })
    expect(err).toContain("a volume that is only there is lost with its data, for good")
    expect(err).toMatch(/ {2}acme\/shop\n {2}acme\/db\n/)
    expect((await run("workers", "show", "fra1-a")).code).toBe(4)
  })

  it("is refused for a worker that does not answer, and says that force does it", async () => {
    fleet().worker("fra1-a").state = "unhealthy"
    const { code, err } = await run("workers", "remove", "fra1-a", "--yes")
    expect(code).toBe(4)
    expect(err).toContain("Next: Remove it by force.")
  })
})

describe("a lost worker's services", () => {
  it("are moved by hand, and with --force also while the brake holds", async () => {
    expect((await run("workers", "move-services", "fra1-a")).code).toBe(4)
    fleet().worker("fra1-a").state = "unhealthy"
    fleet().fleet.brake = { silent: 1, of: 2, since: new Date().toISOString() }
    const held = await run("workers", "move-services", "fra1-a")
    expect(held.code).toBe(4)
    expect(held.err).toContain("The brake holds.")
    expect((await run("workers", "move-services", "fra1-a", "--force")).out).toBe(
      "What runs on fra1-a is started elsewhere.\n",
    )
    expect(fleet().requests).toEqual(["move-services fra1-a by force"])
  })
})

describe("workers readmit", () => {
  it("ends a quarantine, and only that", async () => {
    expect((await run("workers", "readmit", "fra1-a")).code).toBe(4)
    fleet().worker("fra1-a").state = "quarantined"
    expect((await run("workers", "readmit", "fra1-a")).out).toBe(
      "fra1-a is out of quarantine: it is active.\n",
    )
  })
})
