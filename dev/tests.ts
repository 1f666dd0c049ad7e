// Runs every part of `npm test` under Node 24, one after the other, also after a failure; see dev/test.mjs.
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { checkout } from "./environments.ts"
import { type PartOfTest, partsOfTest } from "./parts-of-test.ts"
import { endMarked, marked } from "./run-leftovers.ts"
import {
  countsOf,
  failuresOf,
  isSuccess,
  line,
  none,
  slowestOf,
  sum,
  type TestCounts,
} from "./test-counts.ts"

/** Every process of a test inherits it, so that what a test forgot is found. */
const MARK = "SKYPANEL_TEST_RUN"

const folder = mkdtempSync(join(tmpdir(), "skypanel-tests-"))
let stopped = false

const run = (part: PartOfTest, report: string): Promise<number> =>
  new Promise((resolve) => {
    const reporting = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`]
    const child = spawn(part.command, [...part.args, ...reporting], {
      cwd: checkout,
      stdio: ["ignore", "inherit", "inherit"],
      // The same programs start many times: their sources are compiled once.
      env: { ...process.env, NODE_COMPILE_CACHE: join(folder, "compiled"), [MARK]: folder },
    })
    const forward = (signal: NodeJS.Signals) => {
      stopped = true
      child.kill(signal)
    }
    process.on("SIGINT", forward).on("SIGTERM", forward)
    child.on("error", (error) => {
      process.stderr.write(`${part.command}: ${error.message}\n`)
      resolve(127)
    })
    child.on("close", (code) => {
      process.off("SIGINT", forward).off("SIGTERM", forward)
      resolve(code ?? 1)
    })
  })

const endForgotten = async (part: string) => {
  const forgotten = marked(MARK, folder)
  if (forgotten.length === 0) return
  process.stderr.write(`${part} left ${forgotten.length} processes running; they are ended now\n`)
  await Effect.runPromise(endMarked(MARK, folder))
}

const seconds = (value: number) => `${value.toFixed(0).padStart(5)} s`

let total: TestCounts = none
const failures: string[] = []
for (const [index, part] of partsOfTest(process.argv.slice(2)).entries()) {
  if (stopped) break
  process.stdout.write(`\n── ${part.name}\n`)
  const report = join(folder, `${index}.json`)
  const counts = countsOf(report, await run(part, report))
  process.stdout.write(`── ${part.name}: ${line(counts)}\n`)
  for (const [file, took] of slowestOf(report, checkout, 12))
    process.stdout.write(`${seconds(took)}  ${file}\n`)
  failures.push(...failuresOf(report, checkout))
  total = sum(total, counts)
  await endForgotten(part.name)
}
rmSync(folder, { recursive: true, force: true })
for (const failure of failures) process.stdout.write(`\n✗ ${failure}\n`)
process.stdout.write(`\n${line(total)}\n`)
process.exitCode = isSuccess(total) && !stopped ? 0 : 1
