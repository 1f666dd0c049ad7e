import type { Availability, WorkerState } from "@skypanel/contract/Worker"
import { describe, expect, it } from "vitest"
import { canWorker, type WorkerAction } from "./canWorker.ts"

const possible = (state: WorkerState, availability: Availability): readonly string[] =>
  (Object.keys(canWorker) as WorkerAction[]).filter(
    (action) => canWorker[action]({ state, availability }) === null,
  )

describe("what can be done with a worker", () => {
  it.each<[WorkerState, Availability, readonly string[]]>([
    ["active", "active", ["drain", "remove", "update", "replaceIdentity"]],
    ["degraded", "active", ["drain", "remove", "update", "replaceIdentity"]],
    ["joining", "active", ["drain", "remove", "removeByForce", "update", "replaceIdentity"]],
    ["suspect", "active", ["drain", "moveServices", "remove", "removeByForce", "update", "replaceIdentity"]],
    [
      "unhealthy",
      "active",
      ["drain", "moveServices", "remove", "removeByForce", "update", "replaceIdentity"],
    ],
    ["quarantined", "active", ["drain", "readmit", "remove", "removeByForce", "update", "replaceIdentity"]],
    ["draining", "drain", ["undrain", "remove", "update", "replaceIdentity"]],
    ["drained", "drain", ["undrain", "remove", "update", "replaceIdentity"]],
    ["draining", "remove", ["removeByForce"]],
    ["removed", "remove", []],
  ])("%s, wanted %s: %j", (state, availability, actions) => {
    expect(possible(state, availability)).toEqual(actions)
  })

  it("gives a reason, as a sentence, for everything else", () => {
    expect(canWorker.moveServices({ state: "active", availability: "active" })).toMatch(/can be drained\.$/)
    expect(canWorker.drain({ state: "drained", availability: "drain" })).toBe("It is drained already.")
    expect(canWorker.drain({ state: "draining", availability: "remove" })).toBe("It is being removed.")
    expect(canWorker.removeByForce({ state: "active", availability: "active" })).toMatch(/nothing is lost\.$/)
  })
})
