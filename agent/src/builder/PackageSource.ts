import type { PackageSet } from "@skypanel/contract/Worker"
import type { Effect } from "effect"
import type { BuildFailed } from "./BuildFailed.ts"
import type { Packages } from "./NixExpression.ts"

/** The package set of this builder, ready to be imported. */
export interface PackageSource {
  readonly set: PackageSet
  readonly packages: Packages
  /**
   * Makes Rust ready, which is large, when the first service asks for it, and gives the set that has it; `note` is called
   * when that takes its time. Null where it is like all other packages.
   */
  readonly bringRust: ((note: () => void) => Effect.Effect<Packages, BuildFailed>) | null
  /** Whether this Nix reads a folder in pure evaluation only when it is in the store already. */
  readonly readsStoreOnly: boolean
  /** What builders find as `/bin/sh`; null where Nix brings its own. */
  readonly sandboxShell: string | null
  /** Where packages of npm come from, as the package set has it; null where a lock file always says it. */
  readonly npmRegistry: string | null
  /** Whether a file of this name, fetched by its hash, is one that the set itself is made of. */
  readonly isOwnFile: (name: string) => boolean
  /** Caches of the package set itself, with the keys that sign there. */
  readonly substituters: ReadonlyArray<{ readonly url: string; readonly key: string }>
}

/** What was chosen, before it is known how this Nix reads it. */
export type PackageChoice = Omit<PackageSource, "readsStoreOnly">
