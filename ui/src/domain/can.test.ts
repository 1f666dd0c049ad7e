import type { ServiceState } from "@skypanel/contract/Service"
import { describe, expect, it } from "vitest"
import { can } from "./can.ts"

const possible = (state: ServiceState): readonly string[] =>
  (["stop", "start", "restart", "redeploy", "rollBack", "configure", "delete"] as const).filter(
    (action) => can[action]({ state, stack: null }) === null,
  )

describe("what can be done with a service", () => {
  it.each<[ServiceState, readonly string[]]>([
    ["deploying", ["stop", "redeploy", "rollBack", "configure", "delete"]],
    ["live", ["stop", "restart", "redeploy", "rollBack", "configure", "delete"]],
    ["degraded", ["stop", "restart", "redeploy", "rollBack", "configure", "delete"]],
    ["failed", ["stop", "redeploy", "rollBack", "configure", "delete"]],
    ["stopped", ["start", "redeploy", "rollBack", "configure", "delete"]],
    ["deleting", []],
  ])("%s: %j", (state, actions) => {
    expect(possible(state)).toEqual(actions)
  })

  it("gives a reason, as a sentence, for everything else", () => {
    expect(can.start({ state: "live" })).toBe("It runs already.")
    expect(can.restart({ state: "stopped" })).toBe("It is stopped; start it instead.")
    expect(can.redeploy({ state: "deleting" })).toBe("It is being deleted.")
    expect(can.delete({ state: "live", stack: "shop" })).toBe("It is part of the stack shop.")
  })

  it("cancels only what is under way", () => {
    expect(can.cancel("building")).toBeNull()
    expect(can.cancel("live")).not.toBeNull()
    expect(can.cancel("failed")).not.toBeNull()
  })
})
