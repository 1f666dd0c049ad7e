import { expect, test } from "vitest"
import { buildFailed } from "./BuildFailed.ts"

test("a failure is clean and bounded, whatever a source or a remote says", () => {
  const { failure } = buildFailed("source-not-found", "bad \u001b[2Jname", "next", {
    detail: "x".repeat(100_000),
    lines: Array.from({ length: 100 }, () => `remote: \u001b]0;title\u0007${"y".repeat(10_000)}`),
  })
  expect(failure.title).toBe("bad name")
  expect(failure.lines).toHaveLength(40)
  expect(JSON.stringify(failure).length).toBeLessThan(100_000)
  expect(failure.lines[0]!.startsWith("remote: yyy")).toBe(true)
})
