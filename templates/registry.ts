/** A registry of packages on this machine, for tests of what is fetched by a lock file's address and hash. */
import { createHash } from "node:crypto"
import { createServer } from "node:http"
import { crc32 } from "node:zlib"

const header = (local: boolean, name: Buffer, content: Buffer, offset: number): Buffer => {
  const start = Buffer.alloc(local ? 30 : 46)
  start.writeUInt32LE(local ? 0x04034b50 : 0x02014b50, 0)
  const at = local ? 4 : 6
  if (!local) start.writeUInt16LE(0x0314, 4)
  start.writeUInt16LE(20, at)
  start.writeUInt32LE(crc32(content), at + 10)
  start.writeUInt32LE(content.length, at + 14)
  start.writeUInt32LE(content.length, at + 18)
  start.writeUInt16LE(name.length, at + 22)
  if (!local) {
    start.writeUInt32LE((0o100644 << 16) >>> 0, 38)
    start.writeUInt32LE(offset, 42)
  }
  return Buffer.concat([start, name])
}

/** A zip archive of these files, stored as they are. */
export const zipOf = (files: Readonly<Record<string, string>>): Buffer => {
  const parts: Array<Buffer> = []
  const entries: Array<Buffer> = []
  let offset = 0
  for (const [path, text] of Object.entries(files)) {
    const [name, content] = [Buffer.from(path), Buffer.from(text)]
    const local = Buffer.concat([header(true, name, content, 0), content])
    entries.push(header(false, name, content, offset))
    parts.push(local)
    offset += local.length
  }
  const directory = Buffer.concat(entries)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...parts, directory, end])
}

export const sha256 = (content: Buffer): string => createHash("sha256").update(content).digest("hex")

/** Serves these files by their paths until it is closed. */
export const serve = async (files: Readonly<Record<string, Buffer>>) => {
  const server = createServer((request, answer) => {
    const content = files[request.url ?? ""]
    answer.writeHead(content === undefined ? 404 : 200).end(content)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  if (address === null || typeof address === "string") throw new Error("no port")
  return {
    url: `http://127.0.0.1:${address.port}`,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  }
}
