import { defaultResources, formatSize, parseSize, type Resources } from "@skypanel/contract/Resources"
import type { Service } from "@skypanel/contract/Service"
import { type GitSource, gitSource, type Source } from "@skypanel/contract/Source"
import type { Template } from "@skypanel/contract/Template"
import type { OptionValue, TemplateOption } from "@skypanel/contract/TemplateOptions"
import { type Variable, variablesOfService, withoutSecretValues } from "./environmentText.ts"
import { templateFields, templateSource } from "./optionForm.ts"
import { noOverrides, type OverrideForm, overrideFields, withOverrides } from "./overrideForm.ts"
import { emptyVolume, type VolumeForm, volumeFields } from "./volumeForm.ts"

export type Door = Source["_tag"]

/** What stands in the fields, as it was typed: right or wrong, nothing of it is ever lost. */
export interface ServiceForm extends VolumeForm, OverrideForm {
  readonly door: Door | null
  readonly template: string
  /** The version that a service is made from; null: the newest, or the template has none. */
  readonly templateVersion: number | null
  readonly templateOwner: "everyone" | "organization" | null
  /** What the template asks, and what was typed for it. */
  readonly templateOptions: readonly TemplateOption[]
  readonly options: Readonly<Record<string, OptionValue>>
  readonly url: string
  readonly ref: string
  readonly submodules: boolean
  readonly lfs: boolean
  readonly expression: string
  /** An image's reference. */
  readonly reference: string
  readonly name: string
  /** Did somebody type the name? Until then it follows the source. */
  readonly named: boolean
  readonly cpu: string
  readonly memory: string
  readonly storage: string
  readonly replicas: string
  /** Left off, it runs without a port; what was typed stays. */
  readonly hasPort: boolean
  /** Empty: what the source says, where it may. */
  readonly port: string
  readonly healthPath: string
  readonly variables: readonly Variable[]
  /** What a template has filled in: whoever leaves it untouched and takes another door does not want it. */
  readonly filled: Pick<ServiceForm, "hasPort" | "port" | "healthPath" | "variables"> | null
}

export interface FieldIssue {
  readonly path: string
  readonly message: string
}

export const sampleExpression = `# One program in bin/, which listens on $PORT.
{ pkgs, ... }:
let
  site = pkgs.writeTextDir "index.html" "<h1>Hello from Nix</h1>";
in
pkgs.writeShellApplication {
  name = "hello";
  runtimeInputs = [ pkgs.python3 ];
  text = ''
    exec python3 -m http.server "$PORT" --directory \${site}
  '';
}
`

const resourceFields = (resources: Resources) => ({
  cpu: String(resources.cpu),
  memory: formatSize(resources.memoryBytes),
  storage: formatSize(resources.storageBytes),
})

export const emptyForm: ServiceForm = {
  door: null,
  template: "",
  templateVersion: null,
  templateOwner: null,
  templateOptions: [],
  options: {},
  url: "",
  ref: "",
  submodules: false,
  lfs: false,
  expression: sampleExpression,
  reference: "",
  name: "",
  named: false,
  ...resourceFields(defaultResources),
  replicas: "1",
  ...emptyVolume,
  ...noOverrides,
  hasPort: true,
  port: "8080",
  healthPath: "",
  variables: [],
  filled: null,
}

const gitFields = ({ url, ref, submodules = false, lfs = false }: GitSource) => ({
  url,
  ref: ref ?? "",
  submodules,
  lfs,
})

export const portText = (port: number | null): string => (port === null ? "" : String(port))

/** The fields of a service that runs already, for changing its configuration. */
export const formOfService = (service: Service): ServiceForm => ({
  ...emptyForm,
  door: service.source._tag,
  ...(service.source._tag === "template" ? templateFields(service.source) : {}),
  ...(service.source._tag === "git" ? gitFields(service.source) : {}),
  ...(service.source._tag === "expression" ? { expression: service.source.expression } : {}),
  ...(service.source._tag === "image" ? { reference: service.source.reference } : {}),
  name: service.name,
  named: true,
  ...resourceFields(service.resources),
  replicas: String(service.replicas),
  ...volumeFields(service.volume),
  ...overrideFields(service.source),
  hasPort: service.port !== null,
  port: portText(service.port),
  healthPath: service.healthPath ?? "",
  variables: variablesOfService(service),
})

/** As it may be kept in the browser: without what is secret. */
export const draftOf = (form: ServiceForm): ServiceForm => ({
  ...form,
  variables: withoutSecretValues(form.variables),
  options: Object.fromEntries(
    Object.entries(form.options).filter(
      ([name]) => !form.templateOptions.some((option) => option.name === name && option.type === "secret"),
    ),
  ),
})

/** Fills in what a template brings; variables that were typed already keep their values. */
export const chooseTemplate = (form: ServiceForm, template: Template): ServiceForm => {
  const typed = new Map(form.variables.map((variable) => [variable.name, variable]))
  const ours = template.environment.map(({ name, value }) => typed.get(name) ?? { name, value })
  const others = form.variables.filter(
    ({ name }) => name !== "" && !ours.some((variable) => variable.name === name),
  )
  const filled = {
    hasPort: template.port !== null,
    port: portText(template.port),
    healthPath: template.healthPath ?? "",
    variables: template.environment.map(({ name, value }) => ({ name, value })),
  }
  return withSuggestedName({
    ...form,
    filled,
    door: "template",
    template: template.name,
    templateVersion: null,
    templateOwner: null,
    templateOptions: template.options,
    options: form.template === template.name ? form.options : {},
    ...resourceFields(template.resources),
    hasPort: filled.hasPort,
    port: filled.port,
    healthPath: filled.healthPath,
    variables: [...ours, ...others],
  })
}

/** An image, a Dockerfile or a Procfile says it itself: nobody who takes the source as it is has to. */
export const saysPort = (door: Door | null): boolean => door === "image" || door === "git"

const portFor = ({ port }: ServiceForm, door: Door): Pick<ServiceForm, "port"> => {
  if (saysPort(door)) return { port: port === emptyForm.port ? "" : port }
  return { port: port === "" ? emptyForm.port : port }
}

/** Takes another door: what was typed stays, what only the template had filled in goes. */
export const chooseDoor = (form: ServiceForm, door: Door): ServiceForm => {
  const { filled } = form
  if (filled === null || door === "template")
    return withSuggestedName({ ...form, ...portFor(form, door), door })
  const untouched = ({ name, value }: Variable) =>
    filled.variables.some((variable) => variable.name === name && variable.value === value)
  return withSuggestedName({
    ...form,
    door,
    template: "",
    filled: null,
    ...portFor({ ...form, port: form.port === filled.port ? emptyForm.port : form.port }, door),
    hasPort: form.hasPort === filled.hasPort || form.hasPort,
    healthPath: form.healthPath === filled.healthPath ? "" : form.healthPath,
    variables: form.variables.filter((variable) => !untouched(variable)),
  })
}

/** A name that the source suggests, until somebody types one. */
export const withSuggestedName = (form: ServiceForm): ServiceForm => {
  if (form.named) return form
  const from =
    form.door === "template"
      ? form.template
      : form.door === "git"
        ? (/([^/:]+?)(?:\.git)?\/*$/.exec(form.url.trim())?.[1] ?? "")
        : form.door === "image"
          ? (/([^/:@]+)(?::[^/]*)?(?:@.*)?$/.exec(form.reference.trim())?.[1] ?? "")
          : form.door === "expression" || form.door === "folder"
            ? "hello"
            : ""
  return { ...form, name: asName(from) }
}

/** The nearest text that is a name: lower case, letters, digits and hyphens, at most 30. */
export const asName = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+/, "")
    .slice(0, 30)
    .replace(/-+$/, "")

export const numberIn = (text: string): number =>
  /^\s*\d*[.,]?\d+\s*$/.test(text) ? Number(text.replace(",", ".")) : NaN

export const noSize = "write a size such as 256 MiB or 1 GiB"

type ResourceFields = Pick<ServiceForm, "cpu" | "memory" | "storage">

/** Fields of resources that hold no value. */
export const resourceIssues = ({ cpu, memory, storage }: ResourceFields): readonly FieldIssue[] => [
  ...(Number.isNaN(numberIn(cpu))
    ? [{ path: "resources.cpu", message: "write a number of cores, such as 0.25" }]
    : []),
  ...(parseSize(memory) === null ? [{ path: "resources.memoryBytes", message: noSize }] : []),
  ...(parseSize(storage) === null ? [{ path: "resources.storageBytes", message: noSize }] : []),
]

/** What was typed as resources; null while a field holds no number. */
export const resourcesOf = (form: ResourceFields): Resources | null => {
  const cpu = numberIn(form.cpu)
  const memoryBytes = parseSize(form.memory)
  const storageBytes = parseSize(form.storage)
  if (Number.isNaN(cpu) || memoryBytes === null || storageBytes === null) return null
  return { cpu, memoryBytes, storageBytes }
}

/** What was typed as the number of instances; null while that is none. A service with a volume has one. */
export const replicasOf = (form: Pick<ServiceForm, "replicas" | "hasVolume">): number | null => {
  if (form.hasVolume) return 1
  return /^\s*\d{1,6}\s*$/.test(form.replicas) ? Number(form.replicas) : null
}

export const sourceOf = (form: ServiceForm): Source | null => {
  switch (form.door) {
    case "template":
      return form.template === "" ? null : templateSource(form)
    case "git":
      return withOverrides(
        gitSource({
          url: form.url.trim(),
          ref: form.ref.trim() === "" ? null : form.ref.trim(),
          submodules: form.submodules,
          lfs: form.lfs,
        }),
        form,
      )
    case "image":
      return { _tag: "image", reference: form.reference.trim() }
    case "expression":
      return { _tag: "expression", expression: form.expression }
    default:
      return null
  }
}
