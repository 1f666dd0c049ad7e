import { spawn } from "node:child_process"
import { Duplex, pipeline, Readable } from "node:stream"
import { constants, createBrotliDecompress, createGunzip, createZstdCompress } from "node:zlib"
import type { Compression } from "../../domain/artifacts/upstream.ts"

/** What Node.js cannot decompress, these do. */
const programs = {
  xz: ["xz", "--decompress", "--stdout", "--threads=1", "--memlimit-decompress=256MiB"],
  bzip2: ["bzip2", "--decompress", "--stdout"],
} as const

const start = (command: ReadonlyArray<string>, input: "pipe" | "ignore") =>
  spawn(command[0]!, command.slice(1), {
    cwd: "/",
    env: { PATH: process.env.PATH },
    stdio: [input, "pipe", "ignore"],
  })

/** Whether the program for it can be started; Node.js' own need none. */
export const canDecompress = (compression: Compression): Promise<boolean> => {
  if (compression !== "xz" && compression !== "bzip2") return Promise.resolve(true)
  return new Promise((resolve) => {
    const child = start([programs[compression][0], "--help"], "ignore")
    child.stdout?.resume()
    child.once("error", () => resolve(false))
    child.once("close", (code) => resolve(code === 0))
  })
}

/** Whether all of it came out is for the reader to see: a NAR says where it ends, and its hash is known. */
const byProgram = (command: ReadonlyArray<string>): Duplex => {
  const child = start(command, "pipe")
  const { stdin, stdout } = child
  // It ends with its input; when the reader has had enough of it, at once.
  child.once("error", (error) => stdout!.destroy(error))
  const both = Duplex.from({ writable: stdin!, readable: stdout! })
  both.once("close", () => child.kill("SIGKILL"))
  return both
}

const decompressor = (compression: Exclude<Compression, "zstd" | "none">): Duplex => {
  if (compression === "gzip") return createGunzip()
  if (compression === "br") return createBrotliDecompress()
  return byProgram(programs[compression])
}

/** Fast, and about as small as what it was made of: decompressing takes the same time at every level. */
const level = 6

/** The same compressed with zstd: as it is when it is so already. Errors come out of the stream. */
export const asZstd = (source: AsyncIterable<Buffer>, compression: Compression): Readable => {
  const bytes = Readable.from(source, { objectMode: false })
  if (compression === "zstd") return bytes
  const zstd = createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: level } })
  // What goes wrong destroys all of them; the last one's reader gets to see it.
  const done = () => undefined
  return compression === "none"
    ? pipeline(bytes, zstd, done)
    : pipeline(bytes, decompressor(compression), zstd, done)
}
