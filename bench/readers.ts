import { chmodSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { run } from "./processes.ts"

/** What is asked for, as paths at an origin. */
export interface Place {
  readonly origin: string
  readonly credential: { readonly username: string; readonly password: string } | null
  readonly paths: ReadonlyArray<string>
}

/**
 * Reads all of it at once, as it is, and throws it away; milliseconds. By a process of its own: what reads must not take
 * the time of the one that is measured.
 */
export const readAll = async (folder: string, { origin, credential, paths }: Place): Promise<number> => {
  const settings = join(folder, "curl.conf")
  const login = credential === null ? [] : [`user = "${credential.username}:${credential.password}"`]
  const wanted = paths.flatMap((path) => [`url = "${origin}${path}"`, 'output = "/dev/null"'])
  const options = ["silent", "show-error", "fail", "parallel", "parallel-max = 16"]
  writeFileSync(settings, [...options, ...login, ...wanted, ""].join("\n"))
  // It has the credential in it.
  chmodSync(settings, 0o600)
  const begun = performance.now()
  await run("curl", ["--config", settings])
  return performance.now() - begun
}
