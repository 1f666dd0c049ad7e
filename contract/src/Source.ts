import { Schema } from "effect"
import { FolderDigest } from "./Folder.ts"
import { imageReferenceMax } from "./image/ImageReference.ts"
import { Name } from "./Name.ts"
import { Overrides } from "./Overrides.ts"
import { formatSize } from "./Resources.ts"
import { storable } from "./storable.ts"
import { OptionValues } from "./TemplateOptions.ts"

export const expressionMaxBytes = 256 * 1024

/** What a deployment starts from. Whether a Git URL is allowed is decided by `GitUrl.ts`, not by this shape. */
export const Source = Schema.Union([
  Schema.TaggedStruct("template", {
    template: Name,
    /** Which version, of a template that is not shipped; a request that leaves it out means the newest. */
    version: Schema.optionalKey(Schema.Int),
    /** Whose, of those that a version can be named of: the organization's own may have the name of everyone's. */
    owner: Schema.optionalKey(Schema.Literals(["everyone", "organization"])),
    /** Chosen values. The platform keeps only those that the expression reads: the others become variables. */
    options: Schema.optionalKey(OptionValues),
  }),
  Schema.TaggedStruct("git", {
    url: Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(2048)),
    /** Branch, tag or commit; null is the remote's default branch. */
    ref: Schema.NullOr(
      Schema.String.check(
        Schema.isPattern(/^(?![-./])(?!.*(?:\.\.|@\{|\/\/))[A-Za-z0-9._/+@-]{1,200}$/, {
          message: "that is not a branch, tag or commit",
        }),
      ),
    ),
    /** Goes before the repository's skypanel.toml. A change of a service that leaves it out leaves it as it is. */
    overrides: Schema.optionalKey(Overrides),
    /** Whether its submodules are fetched, and theirs. Left out: they are not. */
    submodules: Schema.optionalKey(Schema.Boolean),
    /** Whether the files are fetched that it keeps in Git LFS. Left out: their pointers stay. */
    lfs: Schema.optionalKey(Schema.Boolean),
  }),
  Schema.TaggedStruct("expression", {
    /** A derivation, or a function of `{ pkgs, … }` that gives one. At most 256 KiB. */
    expression: Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(expressionMaxBytes), storable),
  }),
  /** Files that came to the platform, which keeps them as an archive once for each organization. */
  Schema.TaggedStruct("folder", {
    digest: FolderDigest,
    files: Schema.Int,
    /** Of the files. */
    bytes: Schema.Int,
    origin: Schema.Literals(["upload", "push"]),
    /** The commit that they are of, where they were pushed. */
    revision: Schema.NullOr(Schema.String.check(Schema.isPattern(/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/))),
    /** As of a Git repository; each push and upload keeps it. */
    overrides: Schema.optionalKey(Overrides),
  }),
  /** An image of somebody else's registry, mirrored when it is deployed. `ImageReference.ts` decides what it may be. */
  Schema.TaggedStruct("image", {
    reference: Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(imageReferenceMax)),
  }),
])
export type Source = typeof Source.Type
export type GitSource = Extract<Source, { _tag: "git" }>

/** The same source in one way of writing it: what is not wanted is left out. */
export const gitSource = ({ url, ref, submodules, lfs, overrides }: Omit<GitSource, "_tag">): GitSource => ({
  _tag: "git",
  url,
  ref,
  ...(submodules === true && { submodules }),
  ...(lfs === true && { lfs }),
  ...(overrides !== undefined && { overrides }),
})

const [template, git, , folder, image] = Source.members
/** What it is, for a list of many: without an expression's text. */
export const NamedSource = Schema.Union([template, git, Schema.TaggedStruct("expression", {}), folder, image])
export type NamedSource = typeof NamedSource.Type

const describeParts = ({ submodules, lfs }: Pick<GitSource, "submodules" | "lfs">): string => {
  const parts = [submodules === true ? "submodules" : [], lfs === true ? "LFS files" : []].flat()
  return parts.length === 0 ? "" : `, with ${parts.join(" and ")}`
}

/** One line for a list or a log. */
export const describeSource = (source: NamedSource): string => {
  switch (source._tag) {
    case "template":
      return source.version === undefined
        ? `template ${source.template}`
        : `template ${source.template}, version ${source.version}`
    case "git":
      return `${source.ref === null ? source.url : `${source.url} at ${source.ref}`}${describeParts(source)}`
    case "expression":
      return "Nix expression"
    case "image":
      return `image ${source.reference}`
    case "folder":
      return source.revision === null
        ? `folder with ${source.files === 1 ? "1 file" : `${source.files} files`}, ${formatSize(source.bytes)}`
        : `git push of ${source.revision.slice(0, 10)}`
  }
}
