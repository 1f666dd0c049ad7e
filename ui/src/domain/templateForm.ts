import { formatSize } from "@skypanel/contract/Resources"
import type { TemplateDefinition } from "@skypanel/contract/Template"
import { type OptionValue, optionProblems, type TemplateOption } from "@skypanel/contract/TemplateOptions"
import { type FieldIssue, numberIn, portText, resourceIssues, resourcesOf } from "./serviceForm.ts"
import type { Read } from "./serviceRequest.ts"

/** What is typed of one option. */
export interface OptionForm {
  /** The same as long as the form is open, wherever the option is moved to. */
  readonly id: number
  readonly name: string
  readonly label: string
  readonly type: TemplateOption["type"]
  readonly required: boolean
  readonly default: string
  /** One on each line. */
  readonly choices: string
  readonly min: string
  readonly max: string
  readonly description: string
  readonly variable: string
}

export interface TemplateVariable {
  readonly name: string
  readonly value: string
  readonly description: string
}

/** A template as somebody writes it; everything is text until it is read. */
export interface TemplateForm {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly category: string
  readonly port: string
  readonly healthPath: string
  readonly cpu: string
  readonly memory: string
  readonly storage: string
  readonly variables: readonly TemplateVariable[]
  readonly options: readonly OptionForm[]
  readonly expression: string
  readonly icon: string
  readonly everyone: boolean
}

const text = (value: OptionValue | null): string => (value === null ? "" : String(value))

const optionForm = (option: TemplateOption, id: number): OptionForm => ({
  id,
  name: option.name,
  label: option.label,
  type: option.type,
  required: option.required,
  default: text(option.default),
  choices: option.choices.join("\n"),
  min: text(option.min),
  max: text(option.max),
  description: option.description,
  variable: option.variable ?? "",
})

export const emptyOption = (id: number): OptionForm => ({
  ...{ id, name: "", label: "", type: "text", required: false, default: "", choices: "" },
  ...{ min: "", max: "", description: "", variable: "" },
})

/** The form of a version that is there, from which the next one is made. */
export const formOfTemplate = (
  name: string,
  everyone: boolean,
  { environment, options, resources, healthPath, port, ...definition }: TemplateDefinition,
): TemplateForm => ({
  ...definition,
  name,
  everyone,
  port: portText(port),
  healthPath: healthPath ?? "",
  cpu: String(resources.cpu),
  memory: formatSize(resources.memoryBytes),
  storage: formatSize(resources.storageBytes),
  variables: environment,
  options: options.map(optionForm),
})

export const nextId = (options: readonly OptionForm[]): number =>
  options.reduce((most, { id }) => Math.max(most, id), -1) + 1

/** The options with one of them moved up (-1) or down (1); the same where there is no place. */
export const moveOption = (options: readonly OptionForm[], at: number, by: -1 | 1): readonly OptionForm[] => {
  const to = at + by
  if (to < 0 || to >= options.length) return options
  const moved = [...options]
  const [option] = moved.splice(at, 1)
  moved.splice(to, 0, option!)
  return moved
}

const number = (typed: string): number | null => {
  if (typed.trim() === "") return null
  const negative = typed.trim().startsWith("-")
  return (negative ? -1 : 1) * numberIn(typed.trim().replace(/^-/, ""))
}

const defaultOf = ({ type, default: typed }: OptionForm): OptionValue | null => {
  if (typed === "" || type === "secret") return null
  if (type === "number") return number(typed)
  return type === "boolean" ? typed === "true" : typed
}

const bounded: readonly TemplateOption["type"][] = ["text", "number", "secret"]

/** What of the option's fields its type has no use for is left out. */
const optionOf = (form: OptionForm): TemplateOption => ({
  name: form.name.trim(),
  label: form.label.trim(),
  description: form.description.trim(),
  type: form.type,
  required: form.required,
  default: defaultOf(form),
  choices: form.type === "choice" ? form.choices.split("\n").flatMap((line) => line.trim() || []) : [],
  min: bounded.includes(form.type) ? number(form.min) : null,
  max: bounded.includes(form.type) ? number(form.max) : null,
  variable: form.variable.trim() === "" ? null : form.variable.trim(),
})

/** What the customer's form is made from, as far as it can be shown already. */
export const previewOptions = (options: readonly OptionForm[]): readonly TemplateOption[] =>
  options.map((form) => {
    const option = optionOf(form)
    const name = option.name || `option-${form.id}`
    const isKnown = option.default === null || !Number.isNaN(option.default)
    return {
      ...option,
      name,
      label: option.label || option.name || "Option",
      default: isKnown ? option.default : null,
    }
  })

const noNumbers = (options: readonly TemplateOption[]): readonly FieldIssue[] =>
  options.flatMap((option, at) =>
    (["default", "min", "max"] as const)
      .filter((field) => Number.isNaN(option[field]))
      .map((field) => ({ path: `options.${at}.${field}`, message: "write a number" })),
  )

/** The request that adds the template, unchecked, or the fields that hold no value. */
export const readTemplateForm = (form: TemplateForm): Read<object> => {
  const options = form.options.map(optionOf)
  const resources = resourcesOf(form)
  const typed = [...resourceIssues(form), ...noNumbers(options)]
  const issues = typed.length > 0 ? typed : optionProblems(options)
  if (issues.length > 0 || resources === null) return { issues }
  const { name, everyone, icon, expression } = form
  const definition = {
    title: form.title.trim(),
    description: form.description.trim(),
    category: form.category.trim(),
    icon,
    expression,
    port: form.port.trim() === "" ? null : Number(form.port),
    healthPath: form.healthPath.trim() === "" ? null : form.healthPath.trim(),
    resources,
    environment: form.variables.filter((one) => one.name !== "" || one.value !== ""),
    options,
  }
  return { request: { name: name.trim(), everyone, definition }, issues: null }
}

/** Fields of the form are named as in the definition itself. */
export const formIssues = (issues: readonly FieldIssue[]): readonly FieldIssue[] =>
  issues.map(({ path, message }) => ({ path: path.replace(/^definition\./, ""), message }))
