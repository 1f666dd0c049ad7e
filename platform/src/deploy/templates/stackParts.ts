import { NotPossibleNow } from "@skypanel/contract/Errors"
import type { OrganizationId } from "@skypanel/contract/Id"
import { gitSource } from "@skypanel/contract/Source"
import type { StackPart } from "@skypanel/contract/Stack"
import type { WrittenPart, WrittenStack } from "@skypanel/contract/StackTemplate"
import type { TemplateDefinition } from "@skypanel/contract/Template"
import { type OptionValues, optionVariables, valueProblems } from "@skypanel/contract/TemplateOptions"
import { Effect } from "effect"
import { PlatformConfig } from "../../config.ts"
import { sourceProblem } from "../../domain/sourceProblem.ts"
import { type PartIssue, stackIssues } from "../../domain/stacks/parts.ts"
import { noDefaults, type PartDefaults, partOf } from "../../domain/stacks/written.ts"
import { variablesOf } from "../../domain/templates/moveToVersion.ts"
import { StackTemplates } from "../../templates/StackTemplates.ts"
import { Templates } from "../../templates/Templates.ts"
import { findVersion, readVersion, sourceAt, type TemplateSource } from "./admit.ts"

type Written<Tag extends string> = Extract<WrittenPart["source"], { _tag: Tag }>

/** What a service is made from as the platform knows it, with what follows of that, or why it cannot be that. */
interface Admitted {
  readonly source: StackPart["source"]
  readonly defaults: PartDefaults
  readonly issues: ReadonlyArray<PartIssue>
}

const refused = (source: StackPart["source"], field: string, message: string): Admitted => ({
  source,
  defaults: noDefaults,
  issues: [{ path: `source.${field}`, message }],
})

/** Whoever may see a stack can read it: a secret is one that the platform makes for each stack. */
const secretsIn = ({ options }: TemplateDefinition, values: OptionValues): ReadonlyArray<PartIssue> =>
  options.flatMap(({ name, type, variable }) =>
    type === "secret" && Object.hasOwn(values, name)
      ? [
          {
            path: `source.options.${name}`,
            message: `a secret does not stand in a stack: set the variable ${variable} to a secret of the stack instead, such as \${web.password}`,
          },
        ]
      : [],
  )

/** It comes with SkyPanel, and has neither versions nor options. */
const admitShipped = (source: Written<"template">, defaults: PartDefaults): Admitted => ({
  source: { _tag: "template", template: source.template },
  defaults,
  issues: [
    ...(source.version === undefined
      ? []
      : [{ path: "source.version", message: "what comes with SkyPanel has no versions" }]),
    ...valueProblems([], source.options ?? {}),
  ],
})

/** `owner`: whose stack it is; null: everyone's, which may only name what everyone has. */
const admitNamed = (
  organization: OrganizationId,
  owner: OrganizationId | null,
  source: Written<"template">,
  written: WrittenPart,
) =>
  Effect.gen(function* () {
    const shipped = yield* (yield* Templates).find(source.template)
    if (shipped !== null) {
      const environment = Object.fromEntries(shipped.environment.map(({ name, value }) => [name, value]))
      return admitShipped(source, { ...shipped, environment })
    }
    if ((yield* StackTemplates).isPart(source.template)) return admitShipped(source, noDefaults)
    const whose: TemplateSource = owner === null ? { ...source, owner: "everyone" } : source
    const found = yield* findVersion(organization, whose, null)
    if (found === null)
      return source.version === undefined
        ? refused(source, "template", `there is no template ${source.template}`)
        : refused(source, "version", `the template ${source.template} offers no version ${source.version}`)
    const { definition, number } = found.version
    const values = source.options ?? {}
    const issues = [
      ...valueProblems(definition.options, values, written.environment),
      ...secretsIn(definition, values),
    ]
    if (issues.length > 0) return { source, defaults: noDefaults, issues }
    const environment = { ...variablesOf(definition), ...optionVariables(definition.options, values) }
    return {
      source: sourceAt(found.template, number, definition, values),
      defaults: { ...definition, environment },
      issues: [],
    }
  })

const admitWritten = (organization: OrganizationId, owner: OrganizationId | null, written: WrittenPart) =>
  Effect.gen(function* () {
    const { source } = written
    if (source._tag === "template") return yield* admitNamed(organization, owner, source, written)
    const { allowPrivateGit } = yield* PlatformConfig
    const problem = sourceProblem(source, allowPrivateGit)
    if (problem !== null) return refused(source, problem.field, problem.message)
    const known = source._tag === "git" ? gitSource(source) : source
    return { source: known, defaults: noDefaults, issues: [] } satisfies Admitted
  })

/** A stack's services with nothing left open, and everything that is wrong with them, each at its place. */
export const resolveParts = (
  organization: OrganizationId,
  owner: OrganizationId | null,
  { services }: WrittenStack,
) =>
  Effect.gen(function* () {
    const resolved = yield* Effect.forEach(Object.entries(services), ([key, written]) =>
      Effect.map(admitWritten(organization, owner, written), ({ source, defaults, issues }) => {
        const { part, issues: open } = partOf(key, written, source, defaults)
        // What of a template that is not to be had is missing, nobody can say.
        const own = issues.length === 0 ? open : []
        return {
          part,
          issues: [
            ...issues.map(({ path, message }) => ({ path: `services.${key}.${path}`, message })),
            ...own,
          ],
        }
      }),
    )
    const parts = resolved.map(({ part }) => part)
    const issues = [...resolved.flatMap((one) => one.issues), ...stackIssues(parts)]
    return {
      services: parts,
      issues: issues.map((issue) => ({ ...issue, path: `definition.${issue.path}` })),
    }
  })

/** In the transaction that offers a stack: what its services are made from has to be offered still. */
export const refuseNotOffered = (organization: OrganizationId, services: ReadonlyArray<StackPart>) =>
  Effect.gen(function* () {
    for (const { key, source } of services) {
      if (source._tag !== "template" || source.version === undefined) continue
      if ((yield* readVersion(organization, source, null)) === null)
        return yield* new NotPossibleNow({
          message: `Its service ${key} is made from version ${source.version} of the template ${source.template}, which is not offered any more.`,
          next: "Add a version of the stack that names another one.",
        })
    }
  })
