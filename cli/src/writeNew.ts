import { writeFile } from "node:fs/promises"
import { Effect } from "effect"
import { BadInput } from "./Failure.ts"

/** Writes a file that is not there yet. */
export const writeNew = (file: string, parts: Iterable<Uint8Array>) =>
  Effect.tryPromise({
    try: () => writeFile(file, Buffer.concat([...parts]), { flag: "wx" }),
    catch: (cause) =>
      new BadInput({
        message: `${file} is not written: ${(cause as Error).message}`,
        next: "Move what is there away, or go to another folder.",
        issues: [],
      }),
  })
