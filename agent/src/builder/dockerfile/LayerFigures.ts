import { readFile } from "node:fs/promises"
import { Effect, Result, Schema } from "effect"
import { runCommand } from "../Command.ts"

/** What a service's layers take of the disk. */
const Figures = Schema.Struct({ bytes: Schema.Finite, files: Schema.Finite })
export type Figures = typeof Figures.Type

const decode = Schema.decodeUnknownResult(Schema.fromJsonString(Figures))

/** What was measured before; null where nothing was. */
export const readFigures = async (file: string): Promise<Figures | null> => {
  const found = decode(await readFile(file, "utf8").catch(() => ""))
  return Result.isSuccess(found) ? found.success : null
}

const measureSeconds = 120

/** Null for what cannot be measured in time. */
export const measureFolder = (folder: string): Effect.Effect<Figures | null> =>
  Effect.gen(function* () {
    const figure = (option: string) =>
      Effect.map(
        runCommand(["du", "--summarize", "--one-file-system", option, folder], { seconds: measureSeconds }),
        ({ exitCode, stdout }) => (exitCode === 0 ? Number.parseInt(stdout, 10) : Number.NaN),
      )
    const bytes = yield* figure("--block-size=1")
    if (Number.isNaN(bytes)) return null
    const files = yield* figure("--inodes")
    return Number.isNaN(files) ? null : { bytes, files }
  })
