import type { PackageSet } from "@skypanel/contract/Worker"
import type { Packages } from "./NixExpression.ts"

/** The package set of this builder, ready to be imported. */
export interface PackageSource {
  readonly set: PackageSet
  readonly packages: Packages
  /** Whether this Nix reads a folder in pure evaluation only when it is in the store already. */
  readonly readsStoreOnly: boolean
  /** What builders find as `/bin/sh`; null where Nix brings its own. */
  readonly sandboxShell: string | null
  /** Where packages of npm come from, as the package set has it; null where a lock file always says it. */
  readonly npmRegistry: string | null
  /** Caches of the package set itself, with the keys that sign there. */
  readonly substituters: ReadonlyArray<{ readonly url: string; readonly key: string }>
}
