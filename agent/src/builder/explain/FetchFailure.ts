import type { LearnedKind } from "@skypanel/contract/LearnedHash"
import { type BuildFailed, buildFailed } from "../BuildFailed.ts"
import type { Learns } from "../learn/Learns.ts"

const next: Readonly<Record<LearnedKind, string>> = {
  "go-modules":
    "Deploy again when the module proxy is there; what it does not have, such as private modules, is committed: run `go mod vendor` and commit vendor/.",
  "yarn-archive":
    "Deploy again when the registry is there; what it does not have is committed: its archive in .yarn/cache (`enableGlobalCache: false`).",
}

const said = /^(?:fetch-failed|lock-mismatch): /

/** What a fetcher of the templates says of its end, where it says anything. */
export const fetchFailure = (
  { kind }: Learns,
  log: ReadonlyArray<string>,
  network: string,
): BuildFailed | null => {
  const [, code, text = ""] =
    /^(fetch-failed|lock-mismatch): (.*)$/.exec(log.findLast((line) => said.test(line)) ?? "") ?? []
  if (code === "fetch-failed")
    return buildFailed("fetch-failed", `Fetching failed: ${text}.`, next[kind], { detail: network })
  if (code !== "lock-mismatch") return null
  const [, file, line] = /^(\S+), line (\d{1,9}): /.exec(text) ?? []
  return buildFailed(
    "lock-mismatch",
    `${text}.`,
    "Either the version was published anew, or the lock file is wrong: compare both with where it comes from before you run `go mod tidy`.",
    { location: file === undefined ? null : { file, line: Number(line), column: 1 } },
  )
}
