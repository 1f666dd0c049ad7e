import { createCipheriv } from "node:crypto"
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { generateSecretKey, parseSecretKey } from "../src/domain/artifacts/signature.ts"
import type { TestNixStore } from "./nixStore.ts"

export const hashOf = (path: string): string => path.slice("/nix/store/".length, "/nix/store/".length + 32)

/** The same bytes each time, which nothing compresses. */
export const random = (size: number, seed = 1): Buffer =>
  createCipheriv("aes-128-ctr", Buffer.alloc(16, seed), Buffer.alloc(16)).update(Buffer.alloc(size))

/** What a platform has kept in its folder, besides its keys. */
export const storedIn = (dataFolder: string): ReadonlyArray<string> =>
  readdirSync(join(dataFolder, "artifacts"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith("skypanel-"))
    .map(({ name }) => name)

/** Answers in place of the cache, which would send `file` (null: it has none). */
export type Fault = (asked: IncomingMessage, answer: ServerResponse, file: Buffer | null) => void

export interface TestUpstream {
  readonly url: string
  readonly publicKey: string
  /** For `upstreams` of the platform's settings. */
  readonly cache: {
    readonly url: string
    readonly publicKeys: ReadonlyArray<string>
    readonly priority: number
  }
  /** What was asked for, without the leading slash. */
  readonly requests: Array<string>
  /** Nix puts the paths in, signed, with everything they refer to. */
  readonly add: (nix: TestNixStore, compression: string, ...paths: ReadonlyArray<string>) => Promise<void>
  /** For paths that begin so; null: no fault any more. */
  fail: (prefix: string, fault: Fault | null) => void
  readonly close: () => Promise<void>
}

export const silent: Fault = () => undefined
export const broken: Fault = (_, answer) => answer.writeHead(500).end("broken")
export const cut: Fault = (_, answer, file) => {
  answer.writeHead(200, { "Content-Length": file!.length })
  answer.write(file!.subarray(0, Math.floor(file!.length / 2)), () => answer.destroy())
}
export const stuck: Fault = (_, answer, file) => {
  answer.writeHead(200, { "Content-Length": file!.length })
  answer.write(file!.subarray(0, Math.floor(file!.length / 2)))
}
export const instead =
  (change: (file: Buffer) => Buffer): Fault =>
  (_, answer, file) =>
    answer.end(change(file!))
export const redirect: Fault = (asked, answer) =>
  answer.writeHead(302, { Location: `/moved${asked.url}` }).end()

/** A binary cache that Nix itself made, with a key of its own, on loopback. */
export const startUpstream = async (priority = 50): Promise<TestUpstream> => {
  const folder = mkdtempSync(join(tmpdir(), "skypanel-upstream-"))
  const secret = generateSecretKey(`upstream-${priority}`)
  const keyFile = join(folder, "secret-key")
  writeFileSync(keyFile, secret)
  const requests: Array<string> = []
  const faults = new Map<string, Fault>()
  const server = createServer((asked, answer) => {
    const path = asked.url!.slice(1)
    requests.push(path)
    let file: Buffer | null = null
    try {
      file = readFileSync(join(folder, "cache", path.replace(/^moved\//, "")))
    } catch {}
    const fault = [...faults].find(([prefix]) => path.startsWith(prefix))?.[1]
    if (fault !== undefined) fault(asked, answer, file)
    else if (file === null) answer.writeHead(404).end()
    else answer.end(file)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const publicKey = parseSecretKey(secret)!.publicText
  return {
    url,
    publicKey,
    cache: { url, publicKeys: [publicKey], priority },
    requests,
    add: async (nix, compression, ...paths) => {
      await nix.copyTo(
        `file://${join(folder, "cache")}?compression=${compression}&secret-key=${keyFile}`,
        ...paths,
      )
    },
    fail: (prefix, fault) => {
      if (fault === null) faults.delete(prefix)
      else faults.set(prefix, fault)
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      rmSync(folder, { recursive: true })
    },
  }
}
