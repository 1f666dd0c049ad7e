import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { partsOfTest } from "./parts-of-test.ts"
import { countsOf, failuresOf, isSuccess, line, none, slowestOf, sum } from "./test-counts.ts"

const folder = mkdtempSync(join(tmpdir(), "skypanel-counts-"))
afterAll(() => rmSync(folder, { recursive: true }))

const report = (passed: number, failed: number) => {
  const file = join(folder, "report.json")
  const counts = { numPassedTests: passed, numFailedTests: failed, numPendingTests: 2, numTodoTests: 1 }
  writeFileSync(file, JSON.stringify(counts))
  return file
}

describe("the counts of a run", () => {
  it("are the reporter's", () => {
    expect(countsOf(report(3, 0), 0)).toEqual({ passed: 3, failed: 0, skipped: 3 })
    expect(countsOf(report(3, 2), 1)).toEqual({ passed: 3, failed: 2, skipped: 3 })
  })

  it("have a failure when the run failed, whatever it counted", () => {
    expect(countsOf(report(3, 0), 1).failed).toBe(1)
    expect(countsOf(join(folder, "never-written.json"), 139).failed).toBe(1)
  })

  it("add up to one line, and to a failure when nothing ran", () => {
    const total = [countsOf(report(3, 0), 0), countsOf(report(4, 0), 0)].reduce(sum, none)
    expect(line(total)).toBe("7 passed, 0 failed, 6 skipped")
    expect(isSuccess(total)).toBe(true)
    expect(isSuccess({ ...total, failed: 1 })).toBe(false)
    expect(isSuccess(none)).toBe(false)
  })
})

describe("what a run says at its end", () => {
  const file = join(folder, "ended.json")
  const test = (fullName: string, failureMessages: ReadonlyArray<string>) => ({
    fullName,
    status: failureMessages.length === 0 ? "passed" : "failed",
    failureMessages,
  })
  const ended = (name: string, took: number, assertionResults: ReadonlyArray<object>, message = "") => ({
    name: join(folder, name),
    status: assertionResults.length === 0 ? "failed" : "passed",
    startTime: 1_000,
    endTime: 1_000 + took,
    message,
    assertionResults,
  })
  const testResults = [
    ended("quick.test.ts", 1_500, [
      test("it works", []),
      test("it fails", ["AssertionError: 1 is not 2\n  at line 3"]),
    ]),
    ended("slow.test.ts", 60_000, [test("it waits", [])]),
    ended("broken.test.ts", 0, [], "SyntaxError"),
  ]
  writeFileSync(file, JSON.stringify({ testResults }))

  it("names each failed test, and each file that could not even start, with its reason", () => {
    expect(failuresOf(file, folder)).toEqual([
      "quick.test.ts: it fails\n    AssertionError: 1 is not 2\n      at line 3",
      "broken.test.ts\n    SyntaxError",
    ])
    expect(failuresOf(join(folder, "never-written.json"), folder)).toEqual([])
  })

  it("names the slowest files", () => {
    expect(slowestOf(file, folder, 2)).toEqual([
      ["slow.test.ts", 60],
      ["quick.test.ts", 1.5],
    ])
  })
})

it("passes file filters to every part", () => {
  const parts = partsOfTest(["dev/settings"])
  expect(parts.map(({ args }) => args.at(-1))).toEqual(["unit", "database", "integration", "fleet", "deno"])
  for (const { args } of parts) expect(args).toContain("dev/settings")
})
