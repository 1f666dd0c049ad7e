import { Result } from "effect"
import type { Language, Sight } from "./Language.ts"
import { seen } from "./Recognised.ts"

const byItself = (kind: "flake" | "nix", file: string, means: string): Language => ({
  kind,
  looksFor: file,
  recognise: ({ tree, folder }: Sight) =>
    tree.has(file) ? Result.succeed({ kind, folder, reasoning: [seen(file, means)], settings: {} }) : null,
})

export const flake = byItself("flake", "flake.nix", "its default package")
export const defaultNix = byItself("nix", "default.nix", "what it gives")
