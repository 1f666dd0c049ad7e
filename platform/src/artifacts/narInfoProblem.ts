import type { NarInfo } from "../domain/artifacts/narInfo.ts"

/** What was found when the NAR was received. */
export interface NarRow {
  readonly file_hash: string
  readonly file_size: number
  readonly nar_hash: string
  readonly nar_size: number
  readonly candidates: string | null
}

/**
 * What a narinfo says that is not so, or null. A reference must exist and be in the NAR. What else is in the NAR is
 * no fault: Nix looks only for what the build could see, so a path may be mentioned without being a reference.
 */
export const narInfoProblem = (
  info: NarInfo,
  nar: NarRow | null,
  missing: ReadonlyArray<string>,
): string | null => {
  if (nar === null) return "its NAR was not uploaded"
  if (nar.file_size !== info.fileSize) return `FileSize is ${nar.file_size}, not ${info.fileSize}`
  if (nar.nar_hash !== info.narHash) return "NarHash is not the hash of the NAR"
  if (nar.nar_size !== info.narSize) return `NarSize is ${nar.nar_size}, not ${info.narSize}`
  if (missing.length > 0) return `a reference is not in this cache: ${missing[0]}`
  if (nar.candidates === null) return null
  const found = new Set(nar.candidates.split(" "))
  const absent = info.references.find((reference) => !found.has(reference.hash))
  return absent === undefined ? null : `the NAR does not contain the reference ${absent.base}`
}
