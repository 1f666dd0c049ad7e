import { css, html, type TemplateResult } from "lit"
import { choice } from "./choice.ts"

/** What is fetched of a repository besides its own files. */
export interface RepositoryParts {
  readonly submodules: boolean
  readonly lfs: boolean
}

const words = {
  submodules: ["Submodules", "Other repositories that this one has in its folders, and theirs."],
  lfs: ["LFS files", "Large files that it keeps in Git LFS; without them their pointers are there."],
} as const

export const repositoryPartsStyle = css`
  .parts {
    display: flex;
    flex-wrap: wrap;
    gap: 8px 24px;
  }
`

export const repositoryParts = (
  parts: RepositoryParts,
  choose: (change: Partial<RepositoryParts>) => void,
): TemplateResult => {
  const box = (id: keyof RepositoryParts) => {
    const [title, help] = words[id]
    return choice({ id, title, help, checked: parts[id], choose: (checked) => choose({ [id]: checked }) })
  }
  return html`<div class="parts" role="group" aria-label="Fetch as well">${box("submodules")}${box("lfs")}</div>`
}
