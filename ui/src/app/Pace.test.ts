import { afterEach, beforeEach, expect, it, vi } from "vitest"
import { Pace } from "./Pace.ts"

const page = Object.assign(new EventTarget(), { visibilityState: "visible" })
const show = (visible: boolean): void => {
  page.visibilityState = visible ? "visible" : "hidden"
  page.dispatchEvent(new Event("visibilitychange"))
}

let runs = 0
let pace: Pace

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal("document", page)
  page.visibilityState = "visible"
  runs = 0
  pace = new Pace(5000, () => {
    runs += 1
  })
  pace.start()
})

afterEach(() => {
  pace.stop()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

it("runs at once, then not again before its time, however often it is wished for", () => {
  pace.wish()
  pace.wish()
  vi.advanceTimersByTime(1)
  expect(runs).toBe(1)
  for (let second = 0; second < 4; second += 1) {
    pace.wish()
    vi.advanceTimersByTime(1000)
  }
  expect(runs).toBe(1)
  vi.advanceTimersByTime(1000)
  expect(runs).toBe(2)
  vi.advanceTimersByTime(60_000)
  expect(runs).toBe(2)
})

it("waits while nobody can see the page, and makes up for it once", () => {
  show(false)
  for (let minute = 0; minute < 3; minute += 1) {
    pace.wish()
    vi.advanceTimersByTime(60_000)
  }
  expect(runs).toBe(0)
  show(true)
  vi.advanceTimersByTime(1)
  expect(runs).toBe(1)
})

it("does not run after it was stopped", () => {
  pace.wish()
  pace.stop()
  vi.advanceTimersByTime(60_000)
  expect(runs).toBe(0)
})
