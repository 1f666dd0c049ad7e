import { InvalidInput } from "@skypanel/contract/Errors"
import type { AddTemplate, TemplateDefinition } from "@skypanel/contract/Template"
import { optionProblems } from "@skypanel/contract/TemplateOptions"
import { Effect } from "effect"
import { type Reached, whyNotReached } from "../../domain/port.ts"
import { StackTemplates } from "../../templates/StackTemplates.ts"
import { Templates } from "../../templates/Templates.ts"
import { type Asker, forbidden, manages } from "./asker.ts"
import { insertVersion, taken } from "./insertVersion.ts"

const reachedProblems = (reached: Reached) => {
  const message = whyNotReached(reached)
  return message === null ? [] : [{ path: "healthPath", message }]
}

const problemsOf = ({ options, environment, ...definition }: TemplateDefinition) => [
  ...reachedProblems(definition),
  ...optionProblems(options),
  ...environment.flatMap(({ name }, at) => [
    ...(environment.findIndex((other) => other.name === name) < at
      ? [{ path: `environment.${at}.name`, message: `${name} is there twice` }]
      : []),
    ...(options.some(({ variable }) => variable === name)
      ? [{ path: `environment.${at}.name`, message: `${name} is an option's already` }]
      : []),
  ]),
]

/** A draft: the first version of a new template, or the next one of a template that is there. */
export const addTemplate = (asker: Asker, { name, everyone, definition }: AddTemplate) =>
  Effect.gen(function* () {
    const templates = yield* Templates
    const owner = everyone ? null : asker.organization.id
    if (!manages(asker, owner)) return yield* forbidden(owner, "service")
    const issues = problemsOf(definition)
    if (issues.length > 0)
      return yield* new InvalidInput({
        message: "The template is not as it should be.",
        next: "Correct what is named.",
        issues: issues.map(({ path, message }) => ({ path: `definition.${path}`, message })),
      })
    if ((yield* templates.find(name)) !== null || (yield* StackTemplates).isPart(name))
      return yield* taken(name, "SkyPanel comes with it")
    yield* insertVersion(asker, "service", owner, name, definition)
  })
