import { readFileSync } from "node:fs"

const read = (name: string): string =>
  readFileSync(new URL(`./script/${name}.sh`, import.meta.url), "utf8").trimEnd()

/** The script's functions, in the order in which they are read; each file is about one thing. */
export const parts: ReadonlyArray<string> = [
  "messages",
  "checks",
  "status",
  "debianChecks",
  "debianFiles",
  "debianPackages",
  "debian",
  "nixos",
  "main",
].map(read)

/** What a NixOS machine runs when the worker was not confirmed. */
export const revert = read("revert")

/** The flake that a NixOS machine is given; what stands between @ signs is filled in (nixos/installer). */
export const flakeTemplate = (): string =>
  readFileSync(new URL("../../../nixos/installer/flake.nix.in", import.meta.url), "utf8").trimEnd()
