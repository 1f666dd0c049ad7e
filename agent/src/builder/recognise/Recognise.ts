import type { Overrides } from "@skypanel/contract/Overrides"
import { Result } from "effect"
import type { BuildFailed } from "../BuildFailed.ts"
import type { SourceTree } from "../SourceTree.ts"
import { type Config, configOf } from "./Config.ts"
import { deno } from "./Deno.ts"
import { docker } from "./Docker.ts"
import { go } from "./Go.ts"
import type { Language, Sight } from "./Language.ts"
import { defaultNix, flake } from "./Nix.ts"
import { nodejs } from "./Nodejs.ts"
import { php } from "./Php.ts"
import { python } from "./Python.ts"
import { type Kind, notRecognised, type Offer, type Recognised, seen, type View } from "./Recognised.ts"
import { ruby } from "./Ruby.ts"
import { rust } from "./Rust.ts"
import { skypanelToml } from "./SkypanelToml.ts"
import { staticSite } from "./Static.ts"
import { unsupported } from "./Unsupported.ts"
import { viewOf } from "./View.ts"
import { type Wishes, wishesOf } from "./Wishes.ts"

/**
 * What is looked for, in this order; the first that is there decides. Who writes Nix has said best how it is built, and
 * after that who writes a Dockerfile.
 * Applications in PHP and Ruby often have a package.json with its lock file, for their assets, and a Node.js service no
 * index.php and no Gemfile.
 * A package.json without a lock file does not hide a Python, Go or Rust service: those often have one for their assets.
 * A page is the last, since most services have one somewhere.
 */
const languages: ReadonlyArray<Language> = [
  flake,
  defaultNix,
  docker,
  php,
  ruby,
  deno,
  nodejs,
  python,
  go,
  rust,
  staticSite,
]

const listed = (names: ReadonlyArray<string>) => {
  const shown = names.filter((name) => name !== ".git/").slice(0, 20)
  if (shown.length === 0) return "nothing"
  return `${shown.join(", ")}${names.length > shown.length ? ` and ${names.length - shown.length} more` : ""}`
}

const nothingFound = (tree: View, kind: Kind | null, folder: string): BuildFailed => {
  const wanted = languages.filter((language) => kind === null || language.kind === kind)
  const where =
    folder === "" ? "The repository has nothing at its top level" : `The folder ${folder} has nothing`
  return notRecognised(
    `${where} that says how to build it${kind === null ? "" : ` as ${kind}`}.`,
    'Add one of the files that are looked for, or name the folder in a skypanel.toml: `[build]`, `path = "…"`.',
    null,
    1,
    `Looked for ${wanted.map(({ looksFor }) => looksFor).join(", ")}. Found ${listed(tree.names)}.`,
  )
}

const folderOf = ({ values, refuse }: Config, top: View): Result.Result<string, BuildFailed> => {
  const path = values.build?.path?.replace(/^(?:\.\/)+|\/+$/g, "") ?? ""
  if (path === "" || path === ".") return Result.succeed("")
  if (top.has(`${path}/`)) return Result.succeed(path)
  return Result.fail(
    refuse(
      "build",
      "path",
      `there is no folder “${path}”`,
      "Name a folder of the repository, with its path from the top.",
      `The top has ${listed(top.names)}.`,
    ),
  )
}

const recogniseSight = (sight: Sight): Result.Result<Recognised, BuildFailed> => {
  const { kind } = sight.wishes
  for (const language of languages) {
    if (kind !== null && language.kind !== kind) continue
    const found = language.recognise(sight)
    if (found !== null) return found
  }
  const other = kind === null ? unsupported(sight.tree, sight.folder, sight.offer) : null
  return Result.fail(other ?? nothingFound(sight.tree, kind, sight.folder))
}

/**
 * As with Heroku, `web` is the process that is asked something, and others are not; but one whose command line has the
 * port in it says otherwise.
 */
const isPortless = ({ process, start }: Wishes, { settings }: Recognised): boolean =>
  process !== null && process !== "web" && settings.start === start && !/\$\{?PORT\b/.test(start ?? "")

/** Pure: says what a source is and how it is built and started, or what was looked for and what was found. */
export const recognise = (
  source: SourceTree,
  offer: Offer,
  overrides: Overrides = {},
): Result.Result<Recognised, BuildFailed> => {
  const top = viewOf(source, "")
  const text = top.text(skypanelToml) ?? ""
  return Result.gen(function* () {
    const config = yield* configOf(text, overrides)
    const folder = yield* folderOf(config, top)
    const within = (path: string) => (path === "" ? top : viewOf(source, `${path}/`))
    const tree = within(folder)
    const wishes = yield* wishesOf(config, tree)
    const recognised = yield* recogniseSight({ tree, top, folder, within, wishes, offer, config })
    const asked = [
      ...(folder === "" ? [] : [seen(config.by("build", "path"), folder)]),
      ...(wishes.kind === null ? [] : [seen(config.by("build", "kind"), wishes.kind)]),
    ]
    const reasoning = [...asked, ...recognised.reasoning]
    if (!isPortless(wishes, recognised)) return { ...recognised, reasoning }
    const told = seen(
      `process \`${wishes.process}\`, not \`web\``,
      "no port and no URL, unless a port is set",
    )
    return { ...recognised, reasoning: [...reasoning, told], portless: true }
  })
}
