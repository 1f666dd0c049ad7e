/** A registry of packages on this machine, for tests of what is fetched by a lock file's address and hash. */
import { createHash } from "node:crypto"
import { createServer } from "node:http"
import { crc32, gzipSync } from "node:zlib"

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

/** A wheel of Python, version 1.0, with these modules. */
export const wheelOf = (
  name: string,
  files: Readonly<Record<string, string>>,
  metadata: ReadonlyArray<string> = [],
): Buffer =>
  zipOf({
    ...files,
    [`${name}-1.0.dist-info/METADATA`]: [
      "Metadata-Version: 2.1",
      `Name: ${name}`,
      "Version: 1.0",
      ...metadata,
      "",
    ].join("\n"),
    [`${name}-1.0.dist-info/WHEEL`]:
      "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    [`${name}-1.0.dist-info/RECORD`]: "",
  })

/** A tar archive of these files; one whose content is a text is a link to it. */
const tarOf = (files: Readonly<Record<string, Buffer | string>>): Buffer => {
  const parts = Object.entries(files).flatMap(([name, given]) => {
    const content = typeof given === "string" ? Buffer.alloc(0) : given
    const block = Buffer.alloc(512)
    block.write(name, 0)
    block.write("0000644\0", 100)
    block.write("0000000\0", 108)
    block.write("0000000\0", 116)
    block.write(`${content.length.toString(8).padStart(11, "0")}\0`, 124)
    block.write("00000000000\0", 136)
    block.write("        0", 148)
    if (typeof given === "string") block.write(`2${given}`, 156)
    block.write("ustar\x0000", 257)
    const sum = block.reduce((all, byte) => all + byte, 0)
    block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148)
    return [block, content, Buffer.alloc((512 - (content.length % 512)) % 512)]
  })
  return Buffer.concat([...parts, Buffer.alloc(1024)])
}

/** A crate with these files, without the folder that they are all in; a link is `{ to }`. */
export const crateOf = (
  folder: string,
  files: Readonly<Record<string, string | { readonly to: string }>>,
): Buffer =>
  gzipSync(
    tarOf(
      Object.fromEntries(
        Object.entries(files).map(([path, file]) => [
          `${folder}/${path}`,
          typeof file === "string" ? Buffer.from(file) : file.to,
        ]),
      ),
    ),
  )

/** A gem with one file of Ruby. */
export const gemOf = (name: string, text: string): Buffer => {
  const about = `--- !ruby/object:Gem::Specification
name: ${name}
version: !ruby/object:Gem::Version
  version: 1.0.0
platform: ruby
authors: [tests]
date: 2026-01-01 00:00:00.000000000 Z
dependencies: []
files: [lib/${name}.rb]
require_paths: [lib]
required_ruby_version: !ruby/object:Gem::Requirement
  requirements:
  - - ">="
    - !ruby/object:Gem::Version
      version: '0'
required_rubygems_version: !ruby/object:Gem::Requirement
  requirements:
  - - ">="
    - !ruby/object:Gem::Version
      version: '0'
summary: for tests
specification_version: 4
`
  const data = tarOf({ [`lib/${name}.rb`]: Buffer.from(text) })
  return tarOf({ "metadata.gz": gzipSync(about), "data.tar.gz": gzipSync(data) })
}

/** A package as the npm registry has it. */
export const packageOf = (files: Readonly<Record<string, string>>): Buffer =>
  gzipSync(
    tarOf(
      Object.fromEntries(Object.entries(files).map(([name, text]) => [`package/${name}`, Buffer.from(text)])),
    ),
  )

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
