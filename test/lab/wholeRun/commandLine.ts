import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { bundle } from "../../../platform/src/install/bundle.ts"

/**
 * The command line as one file, as it starts in a fifth of the time: tests start it hundreds of times. That it starts
 * from its sources as well is shown by the test of its `bin`.
 */
export const bundleCommandLine = (folder: string) =>
  Effect.promise(async () => {
    const { code } = await bundle("cli/src/main.ts", false)
    const program = join(folder, "skypanel.mjs")
    mkdirSync(folder)
    writeFileSync(program, code)
    return { program, environment: { NODE_COMPILE_CACHE: join(folder, "compiled") } }
  })
