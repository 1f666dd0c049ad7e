import type { Template } from "@skypanel/contract/Template"

/** Those that have every word that was typed, in whatever they say of themselves. */
export const searchTemplates = (templates: readonly Template[], wanted: string): readonly Template[] => {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean)
  return templates.filter(({ name, title, description, category }) => {
    const text = `${name} ${title} ${description} ${category}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}
