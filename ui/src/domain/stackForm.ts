import { parseSize } from "@skypanel/contract/Resources"
import type { CreateStack, PartSettings, StackPart, StackTemplate } from "@skypanel/contract/Stack"
import type { FieldIssue } from "./serviceForm.ts"

/** What is typed for one service; empty: as the template has it. */
export interface PartForm {
  readonly git: string
  readonly ref: string
  readonly memory: string
  readonly volume: string
}

export interface StackForm {
  readonly template: string | null
  readonly name: string
  readonly parts: { readonly [key: string]: PartForm }
}

export const emptyPart: PartForm = { git: "", ref: "", memory: "", volume: "" }
export const emptyStack: StackForm = { template: null, name: "", parts: {} }

/** An application may come from one's own repository; what has the stack's secrets for itself is the template's. */
export const isApplication = ({ secrets }: StackPart): boolean => secrets.length === 0

type Read =
  | { readonly request: CreateStack; readonly issues: null }
  | { readonly request: null; readonly issues: readonly FieldIssue[] }

const sizeIssue = { message: "write a size such as 512 MiB or 5 GiB" }

/** The request that a form asks for, or what is wrong with it. */
export const readStackForm = (form: StackForm, template: StackTemplate): Read => {
  const issues: FieldIssue[] = []
  const settings = template.services.map((part): [string, PartSettings] => {
    const { git, ref, memory, volume } = form.parts[part.key] ?? emptyPart
    const size = (text: string, field: string) => {
      const bytes = parseSize(text)
      if (bytes === null) issues.push({ path: `${part.key}.${field}`, ...sizeIssue })
      return bytes ?? 0
    }
    return [
      part.key,
      {
        ...(git.trim() !== "" && {
          source: { _tag: "git", url: git.trim(), ref: ref.trim() === "" ? null : ref.trim() },
        }),
        ...(memory.trim() !== "" && {
          resources: { ...part.resources, memoryBytes: size(memory, "memory") },
        }),
        ...(volume.trim() !== "" && { volumeBytes: size(volume, "volume") }),
      },
    ]
  })
  if (form.name.trim() === "") issues.push({ path: "name", message: "give the stack a name" })
  if (issues.length > 0) return { request: null, issues }
  const services = Object.fromEntries(settings.filter(([, part]) => Object.keys(part).length > 0))
  return { request: { name: form.name.trim(), template: template.name, services }, issues: null }
}
