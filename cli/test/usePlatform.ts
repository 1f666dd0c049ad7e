import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach } from "vitest"
import { FakePlatform, token } from "./FakePlatform.ts"
import type { Held } from "./fakeRows.ts"
import { type Ended, type Running, skypanel, start } from "./run.ts"

/** A directory with a running (fake) development platform, anew for each test, and the command line in it. */
export const usePlatform = () => {
  let platform: FakePlatform
  let directory = ""
  beforeEach(async () => {
    platform = new FakePlatform()
    await platform.start()
    directory = mkdtempSync(join(tmpdir(), "skypanel-cli-"))
    mkdirSync(join(directory, ".skypanel", "run"), { recursive: true })
    writeFileSync(join(directory, ".skypanel", "run", "cli.json"), JSON.stringify({ url: platform.url }))
    writeFileSync(join(directory, ".skypanel", "run", "token"), token)
  })
  afterEach(async () => {
    await platform.stop()
    rmSync(directory, { recursive: true })
  })
  const run = (...args: ReadonlyArray<string>): Promise<Ended> => skypanel(args, { cwd: directory })
  return {
    platform: () => platform,
    /** A file of the working directory. */
    file: (name: string) => join(directory, name),
    held: (name: string): Held => {
      const found = platform.state.services.get(name)
      if (found === undefined) throw new Error(`no service ${name}`)
      return found
    },
    run,
    runWith: (input: string, ...args: ReadonlyArray<string>) => skypanel(args, { cwd: directory, input }),
    begin: (...args: ReadonlyArray<string>): Running => start(args, { cwd: directory }),
    live: () => run("deploy", "hello", "--template", "nodejs", "--wait"),
  }
}
