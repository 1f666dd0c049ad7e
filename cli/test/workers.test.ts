import { describe, expect, it } from "vitest"
import { hoursAgo } from "./fakeRows.ts"
import { newSamples, newWorkerInstance } from "./fleetRows.ts"
import { usePlatform } from "./usePlatform.ts"

const { platform, run } = usePlatform()
const fleet = () => platform().state.fleet

describe("the list of workers", () => {
  it("says of each what it is, how it is, and why", async () => {
    fleet().worker("dev").lastHeartbeatAt = hoursAgo(3)
    fleet().add({
      name: "fra1-a",
      region: "fra1",
      state: "suspect",
      reason: "Silent for 8 s.\u001b[2J",
      lastHeartbeatAt: hoursAgo(2),
    })
    const { code, out, err } = await run("workers")
    expect({ code, err }).toEqual({ code: 0, err: "" })
    expect(out).toMatch(
      /^WORKER +STATE +ROLES +REGION +CPU +MEMORY +DISK +INSTANCES +BUILDS +AGENT +SEEN +REASON\n/,
    )
    expect(out).toMatch(
      /dev \(development\) +active +services, builder +— +12 % of 2 +2 GiB of 8 GiB +8 GiB of 64 GiB +1 +0 +0\.1\.0 +3 h ago\n/,
    )
    expect(out).toMatch(/fra1-a +suspect +services, ingress +fra1 .* 2 h ago +Silent for 8 s\.\n/)
    expect(out).not.toContain("\u001b")
    expect((await run("workers", "list")).out).toBe(out)
  })

  it("searches", async () => {
    fleet().add({ name: "fra1-a" })
    const found = await run("workers", "--search", "fra", "--json")
    expect(JSON.parse(found.out)).toMatchObject([{ name: "fra1-a" }])
    expect((await run("workers", "list", "--search", "ams")).out).toBe("No worker is like that.\n")
  })

  it("says on standard error when the brake holds, and that agents can be upgraded", async () => {
    fleet().fleet.brake = { silent: 3, of: 5, since: new Date().toISOString() }
    fleet().fleet.outdated = [fleet().worker("dev").id]
    const { err } = await run("workers")
    expect(err).toContain("The brake holds: 3 of 5 workers are silent")
    expect(err).toContain("skypanel workers upgrade")
    expect((await run("workers", "--json")).err).toBe("")
  })
})

describe("one worker", () => {
  it("is shown with its machine, its drain and what runs there", async () => {
    const worker = fleet().add({ name: "fra1-a", labels: { disk: "ssd" }, alerts: ["disk"], instances: 2 })
    fleet().instances.set("fra1-a", [
      { ...newWorkerInstance(2, "shop"), since: hoursAgo(3) },
      { ...newWorkerInstance(3, "cache"), state: "leaving", movesTo: "fra1-b", since: hoursAgo(2) },
    ])
    await run("workers", "drain", "fra1-a")
    fleet().left("fra1-a", 1, [
      { organization: "acme", service: "db", reason: "its volume is only here\u0007" },
    ])
    const { code, out } = await run("workers", "show", "fra1-a")
    expect(code).toBe(0)
    expect(out).toMatch(/State +draining for /)
    expect(out).toMatch(/Alerts +disk\n/)
    expect(out).toMatch(/Drain +1 of 2 instances left, counts as stuck in 1\d min\n/)
    expect(out).toContain("! acme/db cannot go: its volume is only here\n")
    expect(out).toMatch(/Labels +disk=ssd\n/)
    expect(out).toMatch(/CPU +12 % of 2, load 0\.50\n/)
    expect(out).toMatch(/Reserved +0 CPU, 0 B memory\n/)
    expect(out).toMatch(/acme\/shop +0 +serving, healthy +3 h ago +— +GET \/ answered/)
    expect(out).toMatch(/acme\/cache +0 +leaving, healthy +2 h ago +fra1-b/)
    expect(out).not.toContain("\u0007")
    const { out: json } = await run("workers", "show", "fra1-a", "--json")
    expect(JSON.parse(json)).toMatchObject({
      worker: { id: worker.id },
      instances: [{ service: "shop" }, {}],
    })
  })

  it("has events, also when it is gone, and what was done to all is in the audit", async () => {
    fleet().add({ name: "fra1-a" })
    await run("workers", "remove", "fra1-a", "--force", "--yes")
    fleet().audit[0] = { ...fleet().audit[0]!, at: hoursAgo(3) }
    expect((await run("workers", "events", "fra1-a")).out).toMatch(
      /3 h ago +fra1-a +admin@skypanel\.localhost +fra1-a was removed\n/,
    )
    expect((await run("workers", "events", "dev")).out).toBe("Nothing is written down yet.\n")
    expect(JSON.parse((await run("workers", "audit", "--json")).out)).toMatchObject([
      { action: "worker.removed", worker: "fra1-a" },
    ])
  })

  it("has a history, as charts or as samples", async () => {
    fleet().samples = newSamples(50)
    const { out } = await run("workers", "history", "dev", "--hours", "1")
    expect(fleet().requests).toEqual(["history dev 1"])
    const [head, cpu, memory] = out.split("\n")
    expect(head).toMatch(/^MEASURE +NOW +MEAN +HIGHEST +LAST HOUR$/)
    expect(cpu).toMatch(/^CPU +50 % +26 % +50 % +·····?▁+▂+▃+▄+▅*$/)
    expect(memory).toMatch(/^Memory +2 GiB +2 GiB +2 GiB +·····?▃+$/)
    expect(JSON.parse((await run("workers", "history", "dev", "--json")).out)).toHaveLength(50)
    fleet().samples = []
    expect((await run("workers", "history", "dev")).out).toBe("Nothing was measured in that time.\n")
  })

  it("gets another name, region and labels; what is not named stays", async () => {
    fleet().add({ name: "fra1-a", region: "fra1", labels: { disk: "ssd", rack: "7" } })
    const flags = ["--name", "ams1-a", "--region", "ams1", "--label", "disk=hdd", "--label", "note="]
    const { code, out } = await run("workers", "set", "fra1-a", ...flags, "--remove-label", "rack")
    expect(code).toBe(0)
    expect(out).toMatch(/Worker +ams1-a\nRegion +ams1\nLabels +disk=hdd, note=\n/)
    expect((await run("workers", "set", "ams1-a", "--no-region")).out).toMatch(/Region +none\n/)
    expect(fleet().requests).toEqual([
      'update fra1-a {"name":"ams1-a","labels":{"disk":"hdd","note":""},"region":"ams1"}',
      'update ams1-a {"region":null}',
    ])
  })
})
