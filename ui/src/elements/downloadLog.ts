import { stripAnsi } from "../domain/ansi.ts"
import type { LogBuffer } from "../domain/LogBuffer.ts"

/** Saves a log as a text file, each line with its time and stream, without control sequences. */
export const downloadLog = (buffer: LogBuffer, name: string): void => {
  const text = buffer.lines.map((line) => `${line.at} ${line.stream} ${stripAnsi(line.text)}\n`)
  const link = document.createElement("a")
  link.href = URL.createObjectURL(new Blob(text, { type: "text/plain;charset=utf-8" }))
  link.download = `${name}.log`
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 1000)
}
