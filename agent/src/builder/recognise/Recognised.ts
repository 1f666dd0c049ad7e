import type { sourceKinds } from "@skypanel/contract/Overrides"
import { type BuildFailed, buildFailed } from "../BuildFailed.ts"
import type { Learns } from "../learn/Learns.ts"

export type Kind = (typeof sourceKinds)[number]

/** What a builder of `templates/builders` takes besides `pkgs`, `src` and `name`. */
export type Settings = Readonly<Record<string, unknown>>

/** How a source is built. */
export interface Recognised {
  readonly kind: Kind
  /** The folder of the source that is built; empty for all of it. */
  readonly folder: string
  /** Each line is what was seen and what follows from it. */
  readonly reasoning: ReadonlyArray<string>
  readonly settings: Settings
  /** What it starts listens on no port, as far as the source tells. */
  readonly portless?: boolean
  /** What is fetched without a hash of it in a lock file. */
  readonly learns?: ReadonlyArray<Learns>
  /** Of what is fetched by a hash in a lock file, where that is, as far as it is known. */
  readonly locked?: ReadonlyArray<LockedFile>
}

/** A file that is fetched by its hash in a lock file. */
export interface LockedFile {
  /** Of its derivation. */
  readonly name: string
  /** The lock file. */
  readonly file: string
  readonly line: number
}

/** What this builder's package set has. */
export interface Offer {
  /** The package set, as people call it. */
  readonly name: string
  /** Major versions of Node.js, ascending. */
  readonly node: ReadonlyArray<number>
  /** Its Python, such as `3.11`; null where that is known only when it is evaluated. */
  readonly python: string | null
  readonly npmRegistry: string
  /** Where crates of crates.io are: `<name>/<name>-<version>.crate` below it. */
  readonly crates: string
  /** Where files of PyPI are: what is below `https://files.pythonhosted.org/packages` is below it. */
  readonly wheels: string
  /** As Node.js calls it: `x64` or `arm64`. */
  readonly cpu: string
}

/** A service with one of them may have a package.json or a deno.json for its tools alone. */
export const otherLanguages = [
  "requirements.txt",
  "pyproject.toml",
  "Pipfile.lock",
  "go.mod",
  "go.work",
  "Cargo.toml",
]

/** A folder of a source. */
export interface View {
  readonly has: (path: string) => boolean
  readonly text: (path: string) => string | undefined
  /** Names in the folder itself; folders end in `/`. */
  readonly names: ReadonlyArray<string>
  readonly paths: ReadonlyArray<string>
}

export const seen = (what: string, follows: string): string => `${what} → ${follows}`

export const notRecognised = (
  title: string,
  next: string,
  file: string | null = null,
  line = 1,
  detail = "",
): BuildFailed =>
  buildFailed("source-not-recognised", title, next, {
    detail,
    location: file === null ? null : { file, line, column: 1 },
  })

export const noStart = (what: string, next: string): BuildFailed =>
  buildFailed("no-command", `${what}, but nothing says how it starts.`, next)
