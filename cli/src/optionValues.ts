import type { OptionValue, TemplateOption } from "@skypanel/contract/TemplateOptions"
import type { Issue } from "./checked.ts"
import { readPairs } from "./pairs.ts"

const typed = (option: TemplateOption | undefined, text: string): OptionValue => {
  if (option?.type === "number" && text.trim() !== "" && Number.isFinite(Number(text))) return Number(text)
  if (option?.type === "boolean" && (text === "true" || text === "yes")) return true
  if (option?.type === "boolean" && (text === "false" || text === "no")) return false
  return text
}

/** What `--option NAME=VALUE` chooses, each as its option's type has it. */
export const optionValues = (
  texts: ReadonlyArray<string>,
  options: ReadonlyArray<TemplateOption>,
  issues: Array<Issue>,
): Readonly<Record<string, OptionValue>> =>
  Object.fromEntries(
    readPairs("--option", texts, issues).map(([name, text]) => [
      name,
      typed(
        options.find((option) => option.name === name),
        text,
      ),
    ]),
  )
