import { describe, expect, it } from "vitest"
import { adviceFor, hasArrived, stagesOf } from "./installationProgress.ts"

const states = (...of: Parameters<typeof stagesOf>): string =>
  stagesOf(...of)
    .map(({ state }) => state)
    .join(" ")

describe("the way of a new worker", () => {
  it("goes from the command to ready", () => {
    expect(states({ state: "open" }, null)).toBe("running pending pending pending")
    expect(states({ state: "fetched" }, null)).toBe("done running pending pending")
    expect(states({ state: "used" }, { state: "joining" })).toBe("done done running pending")
    expect(states({ state: "used" }, { state: "active" })).toBe("done done done done")
  })

  it("ends where it was when the permission ends", () => {
    expect(states({ state: "expired" }, null)).toBe("failed pending pending pending")
    expect(states({ state: "revoked" }, null)).toBe("failed pending pending pending")
  })

  it("has not arrived while nobody hears it, as when an identity is replaced", () => {
    expect(hasArrived({ state: "open" }, { state: "active" })).toBe(false)
    expect(hasArrived({ state: "used" }, { state: "unhealthy" })).toBe(false)
    expect(hasArrived({ state: "used" }, { state: "degraded" })).toBe(true)
  })

  it("comes with advice only when it takes long", () => {
    const about = { origin: "https://panel.example.org", allowFrom: "192.0.2.0/24" }
    expect(adviceFor("run", 30_000, about)).toEqual([])
    expect(adviceFor("run", 120_000, about).join(" ")).toContain("192.0.2.0/24")
    expect(adviceFor("install", 120_000, about)).toEqual([])
    expect(adviceFor("join", 120_000, about)[1]).toContain("journalctl -u skypanel-agent")
    expect(adviceFor("ready", 1e9, about)).toEqual([])
  })
})
