import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { environment } from "./git.ts"

const run = promisify(execFile)

/** What the branches stand at that match, so many at most. */
export const branchesOf = async (
  repository: string,
  pattern: string,
  count: number,
): Promise<ReadonlyArray<string>> => {
  const { stdout } = await run(
    "git",
    [`--git-dir=${repository}`, "for-each-ref", `--count=${count}`, "--format=%(objectname)", pattern],
    { cwd: "/", env: environment, timeout: 60_000 },
  )
  return stdout.split("\n").filter(Boolean)
}
