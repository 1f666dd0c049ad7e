import { formatSize } from "@skypanel/contract/Resources"
import { describePort } from "@skypanel/contract/Service"
import type { TemplateChange, TemplateDefinition, TemplateDifference } from "@skypanel/contract/Template"
import { ownValue, type TemplateOption } from "@skypanel/contract/TemplateOptions"
import { shortDiff } from "./shortDiff.ts"

export interface NumberedDefinition {
  readonly number: number
  readonly definition: TemplateDefinition
}

const describeOption = (option: TemplateOption): string =>
  [
    option.type === "choice" ? `one of ${option.choices.join(", ")}` : option.type,
    option.required ? "needed" : "may be left out",
    ...(option.default === null ? [] : [`default ${JSON.stringify(option.default)}`]),
    ...(option.min === null ? [] : [`at least ${option.min}`]),
    ...(option.max === null ? [] : [`at most ${option.max}`]),
    ...(option.variable === null ? [] : [`variable ${option.variable}`]),
  ].join(", ")

const configurationOf = ({ environment, resources, ...definition }: TemplateDefinition) => ({
  title: definition.title,
  description: definition.description,
  category: definition.category,
  port: describePort(definition.port),
  "health path": definition.healthPath ?? "none",
  cpu: String(resources.cpu),
  memory: formatSize(resources.memoryBytes),
  storage: formatSize(resources.storageBytes),
  ...Object.fromEntries(environment.map(({ name, value }) => [`variable ${name}`, value])),
})

/** What is another in two sets of fields, by their names. */
export const changes = (
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): ReadonlyArray<TemplateChange> =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .map((field) => ({
      field,
      before: ownValue(before, field) ?? null,
      after: ownValue(after, field) ?? null,
    }))
    .filter((change) => change.before !== change.after)

const optionsOf = ({ options }: TemplateDefinition) =>
  Object.fromEntries(options.map((option) => [option.name, describeOption(option)]))

export const compareVersions = (
  before: NumberedDefinition,
  after: NumberedDefinition,
): TemplateDifference => ({
  before: before.number,
  after: after.number,
  options: changes(optionsOf(before.definition), optionsOf(after.definition)),
  configuration: changes(configurationOf(before.definition), configurationOf(after.definition)),
  expression: shortDiff(before.definition.expression, after.definition.expression),
})
