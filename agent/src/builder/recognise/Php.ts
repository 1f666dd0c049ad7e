import { Result } from "effect"
import type { BuildFailed } from "../BuildFailed.ts"
import type { Language } from "./Language.ts"
import { isRecord, lineOfJsonError, texts } from "./PackageJson.ts"
import { notRecognised, seen, type View } from "./Recognised.ts"

/** Where the page that everything begins with is; what is beside it can be asked for by name. */
const roots = ["public", "web", "www", "html", ""]

const pathOf = (root: string, file: string) => (root === "" ? file : `${root}/${file}`)

const parseComposer = (text: string): Result.Result<Readonly<Record<string, unknown>>, BuildFailed> => {
  const refuse = (line: number) =>
    Result.fail(
      notRecognised(
        "The composer.json is not valid JSON.",
        "Check it with `composer validate`.",
        "composer.json",
        line,
      ),
    )
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? Result.succeed(value) : refuse(1)
  } catch (error) {
    return refuse(lineOfJsonError(text, error))
  }
}

/** PHP itself and its extensions are not packages. */
const isPackage = (name: string) => name.includes("/")

/** Everything that Composer makes is in vendor: packages, and what finds the project's own classes. */
const checkVendor = (tree: View, composer: Readonly<Record<string, unknown>>, text: string) => {
  if (tree.has("vendor/")) return Result.succeed([seen("vendor", "its dependencies")])
  const needed = Object.keys(texts(composer.require)).find(isPackage)
  const loads = isRecord(composer.autoload) && Object.keys(composer.autoload).length > 0
  if (needed === undefined && !loads)
    return Result.succeed([seen("no packages in `require`", "no dependencies")])
  const part = needed === undefined ? '"autoload"' : `"${needed}"`
  const line = text.slice(0, Math.max(0, text.indexOf(part))).split("\n").length
  return Result.fail(
    notRecognised(
      `composer.json, line ${line}: it ${needed === undefined ? "loads classes" : `requires ${needed}`}, and there is no vendor folder.`,
      "Run `composer install --no-dev --optimize-autoloader` and commit vendor/: the lock file of Composer has no hashes of most packages.",
      "composer.json",
      line,
    ),
  )
}

/** A PHP application with a page that answers for every path, by its `vendor` folder or without dependencies. */
export const php: Language = {
  kind: "php",
  looksFor: "index.php",
  recognise: ({ tree, folder, wishes, config }) => {
    // Heroku's programs stand for a server and a folder.
    const asHeroku =
      /^(?:vendor\/bin\/)?heroku-php-(?:apache2|nginx)(?:\s+-[A-Za-z]\s*\S+)*(?:\s+([\w./-]+))?\s*$/.exec(
        wishes.start ?? "",
      )
    const start = asHeroku === null ? wishes.start : null
    const asked = asHeroku?.[1]?.replace(/\/+$/, "") ?? null
    const root = (asked === null ? roots : [asked === "." ? "" : asked]).find((each) =>
      tree.has(pathOf(each, "index.php")),
    )
    const text = tree.text("composer.json")
    if (root === undefined && (wishes.kind !== "php" || start === null)) return null
    return Result.gen(function* () {
      const composer = text === undefined ? {} : yield* parseComposer(text)
      const vendor = text === undefined ? [] : yield* checkVendor(tree, composer, text)
      const version = texts(composer.require).php?.slice(0, 100)
      return {
        kind: "php" as const,
        folder,
        reasoning: [
          ...(text === undefined
            ? []
            : [seen("composer.json", version === undefined ? "PHP" : `PHP ${version}`)]),
          ...vendor,
          ...(wishes.buildCommand === null ? [] : [seen(config.by("build", "command"), wishes.buildCommand)]),
          ...wishes.reasoning,
          ...(start === null
            ? [
                seen(
                  pathOf(root ?? "", "index.php"),
                  `nginx and PHP-FPM serve ${root === "" ? "the folder" : root}`,
                ),
              ]
            : []),
        ],
        settings: {
          start,
          buildCommand: wishes.buildCommand,
          root: root ?? "",
          hasComposer: vendor.length > 0 && tree.has("vendor/"),
        },
      }
    })
  },
}
