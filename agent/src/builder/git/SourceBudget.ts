import type { BuildAssignment } from "@skypanel/contract/BuildAssignment"

export const sourceFilesMost = 100_000
/** One question to a host. */
const askSeconds = 120
/** Everything that is fetched of a source, however many repositories it is in. */
const sourceSeconds = 900
/** Somebody waits for a check, and others for its place: a slow host may not hold it for as long as a build's. */
const checkSeconds = 20

/** What a source with all its parts may still be, and how long fetching it may still take. */
export class SourceBudget {
  files = 0
  bytes = 0
  submodules = 0
  readonly bytesMost: number
  readonly #deadline: number

  constructor({ limits, check }: BuildAssignment) {
    this.bytesMost = limits.sourceBytes
    this.#deadline = Date.now() + (check === true ? checkSeconds : sourceSeconds) * 1000
  }

  /** True when there is room for that, which is taken then. */
  take(files: number, bytes: number): boolean {
    this.files += files
    this.bytes += bytes
    return this.files <= sourceFilesMost && this.bytes <= this.bytesMost
  }

  get bytesLeft(): number {
    return Math.max(0, this.bytesMost - this.bytes)
  }

  /** For the next question; 0: there is no time left. */
  get seconds(): number {
    return Math.max(0, Math.min(askSeconds, Math.ceil((this.#deadline - Date.now()) / 1000)))
  }
}
