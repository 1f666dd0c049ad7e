import { derivationName } from "../NixEvents.ts"

/** What Nix says of a fixed output that is another one. */
export interface HashMismatch {
  /** Of its derivation. */
  readonly name: string
  readonly wanted: string
  readonly got: string
  readonly message: string
}

const mismatch =
  /hash mismatch in fixed-output derivation '([^']+)'[\s\S]*?(?:specified|wanted):\s*(\S+)[\s\S]*?got:\s*(\S+)/

export const hashMismatches = (messages: ReadonlyArray<string>): ReadonlyArray<HashMismatch> =>
  messages.flatMap((message) => {
    const [, path, wanted, got] = mismatch.exec(message) ?? []
    return path === undefined ? [] : [{ name: derivationName(path), wanted: wanted!, got: got!, message }]
  })
