import { createHash } from "node:crypto"
import { zstdCompressSync } from "node:zlib"
import { narOf, type Tree } from "../src/domain/artifacts/nar.ts"
import { type NarInfo, narFileName, printNarInfo } from "../src/domain/artifacts/narInfo.ts"
import { encodeNix32 } from "../src/domain/artifacts/nix32.ts"
import { parseStoreBase, type StorePath } from "../src/domain/artifacts/StorePath.ts"

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex")

/** A store path whose hash is made of its name: what Nix would call it is of no matter here. */
export const storePathOf = (name: string): StorePath =>
  parseStoreBase(`${encodeNix32(createHash("sha256").update(name).digest().subarray(0, 20))}-${name}`)!

export interface Upload {
  readonly info: NarInfo
  readonly file: Buffer
}

/** What `nix copy` would send for a path, made by hand so that it can be wrong. */
export const uploadOf = (name: string, nar: Buffer, references: ReadonlyArray<StorePath> = []): Upload => {
  const file = zstdCompressSync(nar)
  const info = {
    storePath: storePathOf(name),
    fileHash: sha256(file),
    fileSize: file.length,
    narHash: sha256(nar),
    narSize: nar.length,
    references,
    deriver: null,
    signatures: [],
  }
  return { info, file }
}

export const treeUpload = (name: string, tree: Tree, references: ReadonlyArray<StorePath> = []) =>
  uploadOf(name, narOf(tree), references)

export interface Answer {
  readonly status: number
  readonly text: string
}

const put = async (url: string, body: Buffer | string): Promise<Answer> => {
  const answer = await fetch(url, { method: "PUT", body: body as never })
  return { status: answer.status, text: (await answer.text()).trim() }
}

export const putNar = (pushUrl: string, file: Buffer, fileHash = sha256(file)): Promise<Answer> =>
  put(`${pushUrl}/nar/${narFileName(fileHash)}`, file)

export const putNarInfo = (pushUrl: string, info: NarInfo): Promise<Answer> =>
  put(`${pushUrl}/${info.storePath.hash}.narinfo`, printNarInfo(info))

/** Uploads a path as `nix copy` would. Throws when it is refused. */
export const push = async (pushUrl: string, { info, file }: Upload): Promise<void> => {
  for (const answer of [await putNar(pushUrl, file), await putNarInfo(pushUrl, info)])
    if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`)
}
