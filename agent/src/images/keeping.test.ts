import type { PlacementId } from "@skypanel/contract/Id"
import { describe, expect, it } from "vitest"
import { isBusy, nextStep } from "./keeping.ts"

const GB = 1e9
const images = [
  { digest: "a", bytes: 3 * GB },
  { digest: "b", bytes: GB },
]
const roomy = { total: 100 * GB, free: 90 * GB }
const none = new Set<string>()

describe("what is kept warm", () => {
  it("is fetched one after the other, the most wanted first, and the rest goes when all is here", () => {
    expect(nextStep({ images }, ["old"], none, roomy)).toEqual({ pull: "a" })
    expect(nextStep({ images }, ["old", "a"], none, roomy)).toEqual({ pull: "b" })
    expect(nextStep({ images }, ["old", "a", "b"], none, roomy)).toEqual({ remove: "old" })
    expect(nextStep({ images }, ["a", "b"], none, roomy)).toBeNull()
  })

  it("goes when none is wanted any more", () => {
    expect(nextStep({ images: [] }, ["a"], none, roomy)).toEqual({ remove: "a" })
  })

  it("goes although another could not be removed a moment ago", () => {
    expect(nextStep({ images }, ["old", "older", "a", "b"], new Set(["old"]), roomy)).toEqual({
      remove: "older",
    })
    expect(nextStep({ images }, ["old", "a", "b"], new Set(["old"]), roomy)).toBeNull()
  })

  it("is not fetched where it would take room that is for customers, or where it has just failed", () => {
    expect(nextStep({ images }, [], none, { total: 100 * GB, free: 22 * GB })).toEqual({ pull: "b" })
    expect(nextStep({ images }, ["old"], none, { total: 100 * GB, free: 20 * GB })).toEqual({ remove: "old" })
    expect(nextStep({ images }, [], new Set(["a"]), roomy)).toEqual({ pull: "b" })
  })
})

describe("a worker that has customers' things to do", () => {
  const placements = [{ placementId: "p" as PlacementId }]
  const container = (state: "starting" | "running" | "exited") => [{ placementId: "p" as PlacementId, state }]
  it.each([
    ["an image is fetched", { placements, containers: [], builds: [] }, true],
    ["a container starts", { placements, containers: container("starting"), builds: [] }, true],
    ["everything runs", { placements, containers: container("running"), builds: [] }, false],
    ["one has ended", { placements, containers: container("exited"), builds: [] }, false],
    [
      "something is built",
      { placements: [], containers: [], builds: [{ phase: "building" as const }] },
      true,
    ],
    [
      "something was built",
      { placements: [], containers: [], builds: [{ phase: "failed" as const }] },
      false,
    ],
  ])("when %s", (_, doings, busy) => expect(isBusy(doings)).toBe(busy))
})
