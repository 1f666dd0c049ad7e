const storePath = /\/nix\/store\/[0-9a-df-np-sv-z]{32}-/g

/** Names that our own materials have in the store, and how a customer knows them. */
export const materialNames = {
  /** What a customer wrote in the editor. */
  expression: "expression.nix",
  /** A repository. */
  source: "skypanel-source",
  /** The templates and their builders. */
  templates: "skypanel-templates",
  /** What was recognised, for the builder of the templates. */
  plan: "skypanel-plan.json",
  /** What was chosen for a template. */
  options: "skypanel-options.json",
} as const

/** The text with paths of the store as people know them: a repository's files by their place in it, others by name. */
export const hideStore = (text: string): string =>
  text
    // The package set's own folder, and what `fetchTree` calls any folder.
    .replace(/\/nix\/store\/[0-9a-df-np-sv-z]{32}-source\//g, "packages/")
    .replace(storePath, "")
    .replaceAll(`${materialNames.source}/`, "")
    .replaceAll(materialNames.source, "the repository")
    .replaceAll(`${materialNames.templates}/`, "")
    .replaceAll("/nix/store/", "")
