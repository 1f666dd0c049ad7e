import type { BuildFailed } from "../BuildFailed.ts"
import { notRecognised, type Offer, type View } from "./Recognised.ts"

/** Languages that are known, and what nixpkgs calls the function that builds a project of each. */
const languages: ReadonlyArray<readonly [file: string, name: string, builder: string]> = [
  ["composer.json", "PHP", "php.buildComposerProject2"],
  ["mix.exs", "Elixir", "beamPackages.mixRelease"],
  ["pom.xml", "Java", "maven.buildMavenPackage"],
  ["build.gradle", "Java", "gradle"],
  ["build.gradle.kts", "Kotlin", "gradle"],
  ["build.sbt", "Scala", "sbt"],
  ["gleam.toml", "Gleam", "gleam"],
  ["stack.yaml", "Haskell", "haskellPackages"],
]

/** Says which language a project is of that nothing here builds from its own files; null when it is none of them. */
export const unsupported = (tree: View, folder: string, offer: Offer): BuildFailed | null => {
  const found = languages.find(([file]) => tree.has(file))
  if (found === undefined) return null
  const [file, name, builder] = found
  const path = folder === "" ? file : `${folder}/${file}`
  return notRecognised(
    `${path} says that this is ${name}, which is not built from its own files yet.`,
    `Add a default.nix or flake.nix that builds it with nixpkgs (\`${builder}\`).`,
    path,
    1,
    `The package set here is ${offer.name}.`,
  )
}
