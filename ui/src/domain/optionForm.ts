import type { Source } from "@skypanel/contract/Source"
import {
  type OptionValue,
  type OptionValues,
  type TemplateOption,
  valueProblems,
} from "@skypanel/contract/TemplateOptions"
import type { ServiceForm } from "./serviceForm.ts"

/** As `numberIn` of the form, which a comma does not trouble. */
const number = (text: string): number =>
  /^\s*-?\d*[.,]?\d+\s*$/.test(text) ? Number(text.replace(",", ".")) : Number.NaN

/** What was typed, as each option's type has it; an empty field says nothing. */
export const optionValuesOf = (
  typed: Readonly<Record<string, OptionValue>>,
  options: readonly TemplateOption[],
): OptionValues =>
  Object.fromEntries(
    Object.entries(typed).flatMap(([name, value]) => {
      if (value === "") return []
      const type = options.find((option) => option.name === name)?.type
      return [[name, type === "number" && typeof value === "string" ? number(value) : value]]
    }),
  )

/** What is wrong with them, each at its path; a number that is none is said to be that. */
export const optionIssues = (
  typed: Readonly<Record<string, OptionValue>>,
  options: readonly TemplateOption[],
  present: Readonly<Record<string, unknown>>,
) => {
  const values = optionValuesOf(typed, options)
  const none = Object.keys(values).filter((name) => Number.isNaN(values[name]))
  return valueProblems(options, values, present)
    .filter(({ path }) => !none.some((name) => path === `source.options.${name}`))
    .concat(none.map((name) => ({ path: `source.options.${name}`, message: "write a number" })))
}

/** The fields of a service that is made from a template. */
export const templateFields = ({
  template,
  version,
  owner,
  options,
}: Extract<Source, { _tag: "template" }>) => ({
  template,
  templateVersion: version ?? null,
  templateOwner: owner ?? null,
  options: options ?? {},
})

/** A version is only said of one that is pinned: what is new is made from the newest. */
export const templateSource = ({
  template,
  templateVersion,
  templateOwner,
  templateOptions,
  options,
}: ServiceForm): Source => {
  const values = optionValuesOf(options, templateOptions)
  const chooses = templateVersion !== null || Object.keys(values).length > 0
  return {
    _tag: "template",
    template,
    ...(templateVersion === null ? {} : { version: templateVersion }),
    ...(templateOwner === null ? {} : { owner: templateOwner }),
    ...(chooses ? { options: values } : {}),
  }
}
