import { join } from "node:path"
import { checkout } from "./environments.ts"

/** One run of vitest that `npm test` consists of. Each prints for itself and leaves its counts in a file. */
export interface PartOfTest {
  readonly name: string
  readonly command: string
  readonly args: ReadonlyArray<string>
}

const vitest = join(checkout, "node_modules", "vitest", "vitest.mjs")

/** The parts, in their order; `filters` are parts of file names, none for all. */
export const partsOfTest = (filters: ReadonlyArray<string>): ReadonlyArray<PartOfTest> => {
  const run = ["run", "--passWithNoTests", ...filters]
  return [
    { name: "unit tests", command: process.execPath, args: [vitest, ...run, "--project", "unit"] },
    {
      name: "integration tests of the platform and its database, two at a time",
      command: process.execPath,
      args: [vitest, ...run, "--maxWorkers", "2", "--project", "database"],
    },
    {
      // They wait for engines, builds and deadlines more than they compute.
      name: "integration tests, two at a time",
      command: process.execPath,
      args: [vitest, ...run, "--maxWorkers", "2", "--project", "integration"],
    },
    {
      name: "tests of the fleet, one at a time",
      command: process.execPath,
      args: [vitest, ...run, "--project", "fleet"],
    },
    {
      name: "the agent's tests under Deno",
      command: join(checkout, "node_modules", ".bin", "deno"),
      args: ["run", "--allow-all", vitest, ...run, "--project", "deno"],
    },
  ]
}
