import { expect, it } from "vitest"
import { formatAgo, formatDuration, formatUntil, parseDuration } from "./time.ts"

it.each([
  [0, "0 ms"],
  [-5, "0 ms"],
  [999, "999 ms"],
  [12_340, "12.3 s"],
  [59_960, "1 min 0 s"],
  [125_000, "2 min 5 s"],
  [12_000_000, "3 h 20 min"],
  [360_000_000, "4 d 4 h"],
])("%d ms is %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text)
})

it("tells ages", () => {
  const now = Date.parse("2026-05-05T12:00:00.000Z")
  expect(formatAgo("2026-05-05T11:59:58.000Z", now)).toBe("just now")
  expect(formatAgo("2026-05-05T11:59:30.000Z", now)).toBe("30 s ago")
  expect(formatAgo("2026-05-05T11:20:00.000Z", now)).toBe("40 min ago")
  expect(formatAgo("2026-05-01T12:00:00.000Z", now)).toBe("4 d ago")
  expect(formatAgo(null, now)).toBe("—")
  expect(formatAgo("soon", now)).toBe("—")
})

it("tells how long until something", () => {
  const now = Date.parse("2026-05-05T12:00:00.000Z")
  expect(formatUntil("2026-05-05T12:00:40.000Z", now)).toBe("in 40 s")
  expect(formatUntil("2026-05-05T12:34:30.000Z", now)).toBe("in 34 min")
  expect(formatUntil("2026-05-05T15:00:00.000Z", now)).toBe("in 3 h")
  expect(formatUntil("2026-05-05T12:00:00.000Z", now)).toBe("over")
  expect(formatUntil("soon", now)).toBe("—")
})

it("reads times", () => {
  expect(["90s", "10m", "1.5h", "2min", "500ms", "30"].map(parseDuration)).toEqual([
    90_000, 600_000, 5_400_000, 120_000, 500, 30_000,
  ])
  expect(["", "s", "-1s", "1 day", "1e3"].map(parseDuration)).toEqual([null, null, null, null, null])
})
