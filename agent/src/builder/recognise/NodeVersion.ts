import { Result } from "effect"
import intersects from "semver/ranges/intersects.js"
import validRange from "semver/ranges/valid.js"
import type { BuildFailed } from "../BuildFailed.ts"
import type { Sight } from "./Language.ts"
import type { PackageJson } from "./PackageJson.ts"
import { notRecognised, type Offer, seen, type View } from "./Recognised.ts"
import { skypanelToml } from "./SkypanelToml.ts"

/** What asks for a version, with the majors that it allows of those that there are. */
interface Asked {
  readonly by: string
  readonly file: string
  readonly line: number
  readonly text: string
  readonly allowed: ReadonlyArray<number>
}

const codenames = ["gallium", "hydrogen", "iron", "jod", "krypton"]
const textMax = 100

/** A file of a version manager names one version; its major is what counts, for the package set has one of each. */
const pinnedMajors = (text: string, majors: ReadonlyArray<number>): ReadonlyArray<number> => {
  if (/^(?:node|stable|current|lts\/\*|--lts)$/.test(text)) return majors
  const codename = codenames.indexOf(/^lts\/(\w+)$/.exec(text)?.[1]?.toLowerCase() ?? "")
  const major =
    codename >= 0 ? 16 + 2 * codename : Number(/^v?(\d{1,3})(?:\.\S*)?$/.exec(text)?.[1] ?? Number.NaN)
  return majors.filter((each) => each === major)
}

const rangeMajors = (text: string, majors: ReadonlyArray<number>): ReadonlyArray<number> => {
  const range = validRange(text)
  return range === null ? [] : majors.filter((major) => intersects(range, `${major}.x`))
}

const firstLine = (text: string) =>
  text
    .split("\n")
    .map((line) => line.replace(/#.*/, "").trim())
    .find((line) => line !== "")
    ?.slice(0, textMax)

const askedByFile = (view: View, offer: Offer): Asked | null => {
  for (const file of [".nvmrc", ".node-version"]) {
    const text = firstLine(view.text(file) ?? "")
    if (text !== undefined)
      return { by: `${file} (${text})`, file, line: 1, text, allowed: pinnedMajors(text, offer.node) }
  }
  return null
}

const askedBy = ({ tree, top, wishes, offer, config }: Sight, file: PackageJson): Asked | null => {
  if (wishes.node !== null)
    return {
      by: `${config.by("build", "node")} (${wishes.node})`,
      file: skypanelToml,
      line: 1,
      text: wishes.node,
      allowed: rangeMajors(wishes.node, offer.node),
    }
  const engines = file.engines.node?.trim().slice(0, textMax)
  if (engines !== undefined && engines !== "") {
    const source = tree.text("package.json") ?? ""
    return {
      by: `\`engines.node\` (${engines})`,
      file: "package.json",
      line: source.slice(0, Math.max(0, source.indexOf('"engines"'))).split("\n").length,
      text: engines,
      allowed: rangeMajors(engines, offer.node),
    }
  }
  return askedByFile(tree, offer) ?? askedByFile(top, offer)
}

export interface NodeVersion {
  readonly major: number
  readonly reasoning: ReadonlyArray<string>
}

/** The newest Node.js of the package set that the repository allows. */
export const nodeVersionOf = (sight: Sight, file: PackageJson): Result.Result<NodeVersion, BuildFailed> => {
  const { offer } = sight
  const asked = askedBy(sight, file)
  const newest = Math.max(...offer.node)
  if (asked === null) return Result.succeed({ major: newest, reasoning: [] })
  if (asked.allowed.length > 0) {
    const major = Math.max(...asked.allowed)
    return Result.succeed({ major, reasoning: [seen(asked.by, `Node.js ${major}`)] })
  }
  const there = offer.node.map((major) => `Node.js ${major}`).join(", ")
  const detail = `The package set is ${offer.name}.`
  if (sight.wishes.node !== null)
    return Result.fail(
      sight.config.refuse(
        "build",
        "node",
        `“${asked.text}” allows no Node.js that there is here`,
        `This builder has ${there}; allow one of them.`,
        detail,
      ),
    )
  return Result.fail(
    notRecognised(
      `${asked.file}, line ${asked.line}: “${asked.text}” allows no Node.js that there is here.`,
      `This builder has ${there}; allow one of them, or name one in a skypanel.toml: \`[build]\`, \`node = "…"\`.`,
      asked.file,
      asked.line,
      detail,
    ),
  )
}
