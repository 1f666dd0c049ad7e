import { existsSync, readFileSync } from "node:fs"

export interface TestCounts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

export const none: TestCounts = { passed: 0, failed: 0, skipped: 0 }

export const sum = (a: TestCounts, b: TestCounts): TestCounts => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
})

/** The line that people and machines read at the end. */
export const line = ({ passed, failed, skipped }: TestCounts): string =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`

/** What vitest's JSON reporter writes, as far as it is read here. */
interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
}

/**
 * What a run of vitest that ended with `code` counted in its JSON report. A run that failed without a failed test
 * (a file that cannot be imported, a hook, a crash, no report at all) counts as one failure.
 */
export const countsOf = (file: string, code: number): TestCounts => {
  if (!existsSync(file)) return { ...none, failed: code === 0 ? 0 : 1 }
  const report = JSON.parse(readFileSync(file, "utf8")) as Report
  return {
    passed: report.numPassedTests,
    failed: Math.max(report.numFailedTests, code === 0 ? 0 : 1),
    skipped: report.numPendingTests + report.numTodoTests,
  }
}

/** Nothing failed, and something ran. */
export const isSuccess = ({ passed, failed }: TestCounts): boolean => failed === 0 && passed > 0
