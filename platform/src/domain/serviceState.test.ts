import { describe, expect, it } from "vitest"
import { serviceState } from "./serviceState.ts"

const facts = { wish: "running", routed: false, healthy: false, newest: null } as const

describe("serviceState", () => {
  it.each([
    ["deploying", facts],
    ["deploying", { ...facts, newest: "building" }],
    ["failed", { ...facts, newest: "failed" }],
    ["failed", { ...facts, newest: "canceled" }],
    ["live", { ...facts, routed: true, healthy: true, newest: "live" }],
    ["live", { ...facts, routed: true, healthy: true, newest: "failed" }],
    ["degraded", { ...facts, routed: true, newest: "live" }],
    ["stopped", { ...facts, wish: "stopped", newest: "live" }],
    ["deleting", { ...facts, wish: "deleted", routed: true, healthy: true }],
  ] as const)("%s", (state, given) => {
    expect(serviceState(given)).toBe(state)
  })
})
