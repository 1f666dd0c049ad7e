import { parseSize } from "@skypanel/contract/Resources"
import { gitSource } from "@skypanel/contract/Source"
import type { CreateStack, PartSettings, StackPart, StackTemplate } from "@skypanel/contract/Stack"
import { type Reference, referencesIn } from "@skypanel/contract/StackReferences"
import { environmentOf, type Variable, variableIssues, variablesOf } from "./environmentText.ts"
import type { FieldIssue } from "./serviceForm.ts"

/** What is typed for one service; empty: as the template has it. */
export interface PartForm {
  readonly git: string
  readonly ref: string
  readonly submodules: boolean
  readonly lfs: boolean
  readonly memory: string
  readonly volume: string
  /** Those of the template first, which are there in any case. */
  readonly variables: readonly Variable[]
}

export interface StackForm {
  readonly template: string | null
  readonly name: string
  readonly parts: { readonly [key: string]: PartForm }
}

/** Filled in with what the template says. */
export const formOfPart = ({ environment }: StackPart): PartForm => ({
  git: "",
  ref: "",
  submodules: false,
  lfs: false,
  memory: "",
  volume: "",
  variables: variablesOf(environment),
})
export const emptyStack: StackForm = { template: null, name: "", parts: {} }

/** An application may come from one's own repository; what has the stack's secrets for itself is the template's. */
export const isApplication = ({ secrets }: StackPart): boolean => secrets.length === 0

const listed = (references: readonly Reference[]) =>
  references.map(({ key, attribute }) => `${key}.${attribute}`).join(" and ")

/** What is not in the value as it stands: what is generated for the stack, and what is known when it is started. */
export const noteOnValue = (value: string, services: readonly StackPart[]): string => {
  const references = referencesIn(value)
  const isSecret = ({ key, attribute }: Reference) =>
    services.some((part) => part.key === key && part.secrets.includes(attribute))
  const secrets = references.filter(isSecret)
  const rest = references.filter((reference) => !isSecret(reference))
  return [
    ...(secrets.length === 0 ? [] : [`${listed(secrets)} is generated for this stack.`]),
    ...(rest.length === 0 ? [] : [`${listed(rest)}: filled in when it is started.`]),
  ].join(" ")
}

/** Only what is otherwise than in the template is said; given variables take the place of its own. */
const changedVariables = (part: StackPart, variables: readonly Variable[]) =>
  Object.fromEntries(
    Object.entries(environmentOf(variables)).filter(([name, value]) => part.environment[name] !== value),
  )

type Read =
  | { readonly request: CreateStack; readonly issues: null }
  | { readonly request: null; readonly issues: readonly FieldIssue[] }

const sizeIssue = { message: "write a size such as 512 MiB or 5 GiB" }

/** The request that a form asks for, or what is wrong with it. */
export const readStackForm = (form: StackForm, template: StackTemplate): Read => {
  const issues: FieldIssue[] = []
  const settings = template.services.map((part): [string, PartSettings] => {
    const { git, ref, submodules, lfs, memory, volume, variables } = form.parts[part.key] ?? formOfPart(part)
    const environment = changedVariables(part, variables)
    for (const { path, message } of variableIssues(variables))
      issues.push({ path: `${part.key}.${path}`, message })
    const size = (text: string, field: string) => {
      const bytes = parseSize(text)
      if (bytes === null) issues.push({ path: `${part.key}.${field}`, ...sizeIssue })
      return bytes ?? 0
    }
    return [
      part.key,
      {
        ...(git.trim() !== "" && {
          source: gitSource({
            ...{ url: git.trim(), ref: ref.trim() === "" ? null : ref.trim() },
            ...{ submodules, lfs },
          }),
        }),
        ...(memory.trim() !== "" && {
          resources: { ...part.resources, memoryBytes: size(memory, "memory") },
        }),
        ...(volume.trim() !== "" && { volumeBytes: size(volume, "volume") }),
        ...(Object.keys(environment).length > 0 && { environment }),
      },
    ]
  })
  if (form.name.trim() === "") issues.push({ path: "name", message: "give the stack a name" })
  if (issues.length > 0) return { request: null, issues }
  const services = Object.fromEntries(settings.filter(([, part]) => Object.keys(part).length > 0))
  return { request: { name: form.name.trim(), template: template.name, services }, issues: null }
}
