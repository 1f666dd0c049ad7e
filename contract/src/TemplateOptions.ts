import { Schema } from "effect"
import { storable } from "./storable.ts"

export const templateLimits = {
  options: 40,
  choices: 50,
  valueCharacters: 4096,
  iconCharacters: 16 * 1024,
  templates: 100,
  versions: 200,
  /** Of one definition, and of all that everyone or one organization has, as JSON. */
  definitionCharacters: 512 * 1024,
  allCharacters: 16 * 1024 * 1024,
} as const

export const OptionValue = Schema.Union([
  Schema.String.check(
    Schema.isMaxLength(templateLimits.valueCharacters, {
      message: "an option's value has at most 4096 characters",
    }),
    storable,
  ),
  Schema.Finite,
  Schema.Boolean,
])
export type OptionValue = typeof OptionValue.Type

/** The record's own value: a name may be one that every object has, such as `constructor`. */
export const ownValue = <A>(record: Readonly<Record<string, A>>, name: string): A | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined

/** What somebody chose, by the option's name; what is left out has the option's default. */
export const OptionValues = Schema.Record(Schema.String, OptionValue).check(
  Schema.isMaxProperties(templateLimits.options, { message: "at most 40 options" }),
)
export type OptionValues = Readonly<Record<string, OptionValue>>

/** Something that a template asks whoever uses it. */
export const TemplateOption = Schema.Struct({
  /** As the expression reads it: `options.name`. */
  name: Schema.String.check(
    Schema.isPattern(/^[a-z][A-Za-z0-9]{0,39}$/, {
      message: "an option's name has letters and digits and starts with a small letter",
    }),
  ),
  label: Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(80), storable),
  description: Schema.String.check(Schema.isMaxLength(300), storable),
  type: Schema.Literals(["text", "number", "choice", "boolean", "secret"]),
  required: Schema.Boolean,
  default: Schema.NullOr(OptionValue),
  /** Of a choice. */
  choices: Schema.Array(Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(200), storable)).check(
    Schema.isMaxLength(templateLimits.choices),
  ),
  /** Of a number its bounds; of a text or secret those of its length. Null: none. */
  min: Schema.NullOr(Schema.Finite),
  max: Schema.NullOr(Schema.Finite),
  /**
   * The environment's variable that has its value, which the build then does not see; null: the expression gets it. A
   * secret has one.
   */
  variable: Schema.NullOr(Schema.String),
})
export type TemplateOption = typeof TemplateOption.Type

/** Why the value cannot be the option's; null: it can. */
export const whyNoValue = (option: TemplateOption, value: OptionValue): string | null => {
  const { type, min, max } = option
  if (type === "boolean") return typeof value === "boolean" ? null : "say yes or no"
  if (type === "number") {
    if (typeof value !== "number") return "write a number"
    if (min !== null && value < min) return `at least ${min}`
    return max !== null && value > max ? `at most ${max}` : null
  }
  if (typeof value !== "string") return "write a text"
  if (type === "choice")
    return option.choices.includes(value) ? null : `choose one of ${option.choices.join(", ")}`
  if (option.required && value === "") return "this is needed"
  if (min !== null && value.length < min) return `at least ${min} characters`
  return max !== null && value.length > max ? `at most ${max} characters` : null
}

export interface OptionIssue {
  readonly path: string
  readonly message: string
}

/** What is wrong with options themselves, as their author wrote them. */
export const optionProblems = (options: ReadonlyArray<TemplateOption>): ReadonlyArray<OptionIssue> =>
  options.flatMap((option, at) => {
    const issue = (field: string, message: string) => ({ path: `options.${at}.${field}`, message })
    const { name, variable, type } = option
    const wrong = option.default === null ? null : whyNoValue(option, option.default)
    return [
      ...(options.findIndex((other) => other.name === name) < at
        ? [issue("name", `${name} is there twice`)]
        : []),
      ...(variable !== null && options.findIndex((other) => other.variable === variable) < at
        ? [issue("variable", `${variable} is another option's already`)]
        : []),
      ...(variable !== null && !/^(?!PORT$)[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(variable)
        ? [issue("variable", "that is not a variable's name, or it is PORT")]
        : []),
      ...(type === "secret" && variable === null
        ? [issue("variable", "a secret needs a variable: a build must not see it")]
        : []),
      ...(type === "secret" && option.default !== null ? [issue("default", "a secret has no default")] : []),
      ...(type === "choice" && option.choices.length === 0
        ? [issue("choices", "give at least one choice")]
        : []),
      ...(option.min !== null && option.max !== null && option.min > option.max
        ? [issue("max", "it is less than the least")]
        : []),
      ...(wrong === null ? [] : [issue("default", wrong)]),
    ]
  })

/** What is wrong with the values that were chosen. `present`: variables that have a value already. */
export const valueProblems = (
  options: ReadonlyArray<TemplateOption>,
  values: OptionValues,
  present: Readonly<Record<string, unknown>> = {},
): ReadonlyArray<OptionIssue> => [
  ...Object.keys(values)
    .filter((name) => !options.some((option) => option.name === name))
    .map((name) => ({ path: `source.options.${name}`, message: `the template has no option ${name}` })),
  ...options.flatMap((option) => {
    const value = ownValue(values, option.name)
    if (value === undefined)
      return option.required &&
        option.default === null &&
        (option.variable === null || !Object.hasOwn(present, option.variable))
        ? [{ path: `source.options.${option.name}`, message: "this is needed" }]
        : []
    const message = whyNoValue(option, value)
    return message === null ? [] : [{ path: `source.options.${option.name}`, message }]
  }),
]

/** What the expression gets as `options`: each that is no variable's, null where nobody said anything. */
export const expressionOptions = (options: ReadonlyArray<TemplateOption>, values: OptionValues) =>
  Object.fromEntries(
    options
      .filter(({ variable }) => variable === null)
      .map((option) => [option.name, ownValue(values, option.name) ?? option.default]),
  )

const valuesOfVariables = (
  options: ReadonlyArray<TemplateOption>,
  values: OptionValues,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    options.flatMap(({ name, variable }) =>
      variable !== null && Object.hasOwn(values, name) ? [[variable, String(values[name])]] : [],
    ),
  )

/** The variables that chosen values set, but those of secrets. */
export const optionVariables = (options: ReadonlyArray<TemplateOption>, values: OptionValues) =>
  valuesOfVariables(
    options.filter(({ type }) => type !== "secret"),
    values,
  )

/** The secret variables that chosen values set. */
export const optionSecrets = (options: ReadonlyArray<TemplateOption>, values: OptionValues) =>
  valuesOfVariables(
    options.filter(({ type }) => type === "secret"),
    values,
  )

/** A value for a trial build where somebody would have to choose one. */
export const trialValue = ({ type, choices, min, max }: TemplateOption): OptionValue => {
  switch (type) {
    case "boolean":
      return false
    case "choice":
      return choices[0]!
    case "number":
      return min ?? Math.min(0, max ?? 0)
    default:
      return "example"
        .padEnd(Math.min(min ?? 0, templateLimits.valueCharacters), "x")
        .slice(0, max ?? undefined)
  }
}
