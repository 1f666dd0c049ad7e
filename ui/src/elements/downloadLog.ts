import { stripAnsi } from "../domain/ansi.ts"
import type { LogBuffer } from "../domain/LogBuffer.ts"
import { downloadText } from "./downloadText.ts"

/** Saves a log as a text file, each line with its time and stream, without control sequences. */
export const downloadLog = (buffer: LogBuffer, name: string): void =>
  downloadText(
    buffer.lines.map((line) => `${line.at} ${line.stream} ${stripAnsi(line.text)}\n`),
    `${name}.log`,
  )
