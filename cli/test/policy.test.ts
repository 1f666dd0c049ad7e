import { defaultFleetPolicy } from "@skypanel/contract/Fleet"
import { describe, expect, it } from "vitest"
import { usePlatform } from "./usePlatform.ts"

const { platform, run } = usePlatform()
const policy = () => platform().state.fleet.fleet.policy

describe("workers policy", () => {
  it("says each key, its value as set takes it, and what it means", async () => {
    const { code, out } = await run("workers", "policy")
    expect(code).toBe(0)
    expect(out).toMatch(
      /failover +at-once +The services of a worker that is lost are started elsewhere as soon as it is suspect\.\n/,
    )
    expect(out).toMatch(/suspect-after +6s +A worker that is silent for 6 seconds is suspect\.\n/)
    expect(out).toMatch(/scaling +off +Nothing is proposed/)
    expect(JSON.parse((await run("workers", "policy", "--json")).out)).toEqual(defaultFleetPolicy)
  })

  it("changes what is named and shows what holds then", async () => {
    const { code, out } = await run("workers", "policy", "set", "failover=5m", "alerts.cpu=80")
    expect(code).toBe(0)
    expect(out).toMatch(/failover +5m +.* after 5 minutes\.\n/)
    expect(policy()).toEqual({
      ...defaultFleetPolicy,
      failover: { kind: "after", minutes: 5 },
      alerts: { ...defaultFleetPolicy.alerts, cpuPercent: 80 },
    })
    const scaling = ["on=no-capacity", "provider=digitalocean", "plan=s-2vcpu-4gb", "region=fra1", "most=9"]
    const keys = [...scaling, "pause=30m"].map((text) => `scaling.${text}`)
    expect((await run("workers", "policy", "set", ...keys)).out).toMatch(/scaling\.most +9 +/)
    expect((await run("workers", "policy", "set", "scaling=off")).out).toMatch(/scaling +off/)
    expect(policy().scaling).toBeNull()
  })

  it("names the keys there are when one is wrong, and changes nothing", async () => {
    const { code, out, err } = await run("workers", "policy", "set", "fail-over=5m", "alerts.cpu=80")
    expect({ code, out }).toEqual({ code: 2, out: "" })
    expect(err).toContain("fail-over: there is no such key; the keys are failover, suspect-after,")
    expect((await run("workers", "policy", "set", "alerts.cpu=800")).err).toContain(
      "alerts.cpu: a share is between 1 and 100",
    )
    expect((await run("workers", "policy", "set")).code).toBe(2)
    expect(policy()).toEqual(defaultFleetPolicy)
  })
})

describe("workers warm", () => {
  const image = {
    digest: `sha256:${"4f".repeat(32)}`,
    bytes: 3 * 2 ** 20,
    layers: 4,
    services: 9,
    workers: 1,
  }

  it("says that nothing is in common yet, or what is kept, and on how many workers", async () => {
    expect((await run("workers", "warm")).out).toContain("nothing yet that several services have in common")
    platform().state.fleet.fleet.common = [image]
    expect((await run("workers", "warm")).out).toMatch(/4f4f4f4f4f4f +3 MiB +4 +9 +1 of 2\n/)
  })

  it("says how to switch it on where it is off", async () => {
    expect((await run("workers", "policy", "set", "warm=off")).out).toMatch(/warm +off +Workers keep nothing/)
    expect((await run("workers", "warm")).out).toContain("warm=2GiB")
  })
})

describe("workers images", () => {
  it("says what they take, what can be spared, and what was removed", async () => {
    expect((await run("workers", "images", "dev")).out).toContain("has not said")
    const at = new Date().toISOString()
    const gone = { digest: `sha256:${"4f".repeat(32)}`, freedBytes: 5 * 2 ** 20, at }
    platform().state.fleet.images.set("dev", {
      bytes: 12 * 2 ** 30,
      count: 9,
      spare: 2,
      disk: { totalBytes: 50 * 2 ** 30, usedBytes: 46 * 2 ** 30 },
      removed: [
        { organization: "acme", service: "shop", ...gone },
        { organization: null, service: null, ...gone },
      ],
      problem: "no answer in 60 s",
    })
    await run("workers", "policy", "set", "images.most=20GiB")
    const { out } = await run("workers", "images", "dev")
    expect(out).toMatch(/Images +9, up to 12 GiB/)
    expect(out).toMatch(/To spare +2, which go above 20 GiB, or 80 % of the disk in use\n/)
    expect(out).toMatch(/Disk +46 GiB of 50 GiB\n/)
    expect(out).toContain("no answer in 60 s")
    expect(out).toMatch(/acme\/shop +4f4f4f4f4f4f +5 MiB/)
    expect(out).toMatch(/of a service that is deleted +4f4f4f4f4f4f/)
  })
})
