import { type BuildFailed, buildFailed } from "../BuildFailed.ts"
import type { Ended } from "../ConfinedProcess.ts"

/** Files of a repository that are written as Git's own configuration is. */
export type ConfigFile = ".gitmodules" | ".lfsconfig"

/** `at`: the submodule that it is of, or empty. */
export const configFile = (file: ConfigFile, at: string): string =>
  `The file ${file}${at === "" ? "" : ` of the submodule ${at}`}`

/**
 * What keeps a file from being read; null: nothing. `git config` ends with 1 where it finds nothing, also in a
 * file that it cannot read, and with 0 where only what comes later cannot be read: what it said tells.
 */
export const explainConfig = (
  file: ConfigFile,
  at: string,
  { exitCode }: Ended,
  said: ReadonlyArray<string>,
): BuildFailed | null =>
  (exitCode === 0 || exitCode === 1) && !said.some((line) => /^(?:error|fatal): /.test(line))
    ? null
    : buildFailed(
        "source-refused",
        `${configFile(file, at)} cannot be read.`,
        `Correct it; \`git config --file ${file} --list\` says the same as the lines here.`,
        { lines: said },
      )
