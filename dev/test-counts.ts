import { existsSync, readFileSync } from "node:fs"
import { relative } from "node:path"

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
  readonly testResults: ReadonlyArray<TestFile>
}

interface TestFile {
  readonly name: string
  readonly status: string
  /** Milliseconds since the epoch. */
  readonly startTime: number
  readonly endTime: number
  readonly message: string
  readonly assertionResults: ReadonlyArray<{
    readonly fullName: string
    readonly status: string
    readonly failureMessages: ReadonlyArray<string>
  }>
}

const readReport = (file: string): Report | null =>
  existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Report) : null

/**
 * What a run of vitest that ended with `code` counted in its JSON report. A run that failed without a failed test
 * (a file that cannot be imported, a hook, a crash, no report at all) counts as one failure.
 */
export const countsOf = (file: string, code: number): TestCounts => {
  const report = readReport(file)
  if (report === null) return { ...none, failed: code === 0 ? 0 : 1 }
  return {
    passed: report.numPassedTests,
    failed: Math.max(report.numFailedTests, code === 0 ? 0 : 1),
    skipped: report.numPendingTests + report.numTodoTests,
  }
}

const firstLines = (text: string) => text.split("\n").slice(0, 6).join("\n    ")

/**
 * What failed, with the first lines of each reason: whoever sees only the end of a long run's output needs no more.
 * Files are told relative to `folder`.
 */
export const failuresOf = (file: string, folder: string): ReadonlyArray<string> =>
  (readReport(file)?.testResults ?? []).flatMap(({ name, status, message, assertionResults }) => {
    const failed = assertionResults.filter((test) => test.status === "failed")
    const where = relative(folder, name)
    if (failed.length === 0) return status === "failed" ? [`${where}\n    ${firstLines(message)}`] : []
    return failed.map(
      ({ fullName, failureMessages }) =>
        `${where}: ${fullName}\n    ${firstLines(failureMessages.join("\n"))}`,
    )
  })

/** The files that took the longest, in seconds: where a run that grew too long can be shortened. */
export const slowestOf = (
  file: string,
  folder: string,
  most: number,
): ReadonlyArray<readonly [string, number]> =>
  (readReport(file)?.testResults ?? [])
    .map(({ name, startTime, endTime }) => [relative(folder, name), (endTime - startTime) / 1000] as const)
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, most)

/** Nothing failed, and something ran. */
export const isSuccess = ({ passed, failed }: TestCounts): boolean => failed === 0 && passed > 0
