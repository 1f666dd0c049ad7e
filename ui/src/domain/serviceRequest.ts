import type { CreateService, Service, UpdateService } from "@skypanel/contract/Service"
import type { Source } from "@skypanel/contract/Source"
import { environmentOf, secretsOf, variableIssues } from "./environmentText.ts"
import { optionIssues } from "./optionForm.ts"
import { withOverrides } from "./overrideForm.ts"
import {
  type FieldIssue,
  noSize,
  replicasOf,
  resourceIssues,
  resourcesOf,
  type ServiceForm,
  saysPort,
  sourceOf,
} from "./serviceForm.ts"
import { volumeOf } from "./volumeForm.ts"

/** Whoever makes a service may leave it to the source. `service`: the one that is there already. */
const leavesPort = ({ door, port }: ServiceForm, service: Service | null) =>
  service === null && saysPort(door) && port.trim() === ""

const isPortTyped = ({ port }: ServiceForm) => /^\s*\d{1,6}\s*$/.test(port)

/** Where it is asked, if anywhere. */
const reachedOf = (form: ServiceForm, service: Service | null) => {
  if (!form.hasPort) return { port: null, healthPath: null }
  const healthPath = form.healthPath.trim() === "" ? null : form.healthPath.trim()
  return { ...(leavesPort(form, service) ? {} : { port: Number(form.port) }), healthPath }
}

/** Variables that have, or get, a value. */
const namesIn = ({ variables }: ServiceForm) => Object.fromEntries(variables.map(({ name }) => [name, true]))

/** What the contract cannot see, because the text is not even a number or a record. */
const textIssues = (form: ServiceForm, service: Service | null): readonly FieldIssue[] => {
  return [
    ...(form.door === "template" && form.template === ""
      ? [{ path: "source.template", message: "choose a template" }]
      : []),
    ...(form.door === "template" ? optionIssues(form.options, form.templateOptions, namesIn(form)) : []),
    ...(form.door === "git" && form.url.trim() === ""
      ? [{ path: "source.url", message: "write the repository's URL" }]
      : []),
    ...(form.door === "image" && form.reference.trim() === ""
      ? [{ path: "source.reference", message: "write the image's name" }]
      : []),
    ...(form.door === "expression" && form.expression.trim() === ""
      ? [{ path: "source.expression", message: "write an expression" }]
      : []),
    ...resourceIssues(form),
    ...(replicasOf(form) === null ? [{ path: "replicas", message: "write a number, such as 2" }] : []),
    ...(volumeOf(form) === undefined ? [{ path: "volume.sizeBytes", message: noSize }] : []),
    ...(!form.hasPort || isPortTyped(form) || leavesPort(form, service)
      ? []
      : [{ path: "port", message: "write a number, such as 8080" }]),
    ...variableIssues(form.variables),
  ]
}

export type Read<A> =
  | { readonly request: A; readonly issues: null }
  | { readonly issues: readonly FieldIssue[] }

/** Everything but the source and the name; null while a field holds no value. */
const configurationOf = (form: ServiceForm, service: Service | null) => {
  const resources = resourcesOf(form)
  const replicas = replicasOf(form)
  const volume = volumeOf(form)
  if (resources === null || replicas === null || volume === undefined) return null
  return {
    environment: environmentOf(form.variables),
    ...secretsOf(form.variables, service?.secrets),
    resources,
    replicas,
    volume,
    ...reachedOf(form, service),
  }
}

/** The request that creates the service, or the fields that hold no value. */
export const readCreate = (form: ServiceForm): Read<CreateService> => {
  const issues = textIssues(form, null)
  const source = sourceOf(form)
  const configuration = configurationOf(form, null)
  if (issues.length > 0 || source === null || configuration === null) return { issues }
  return { request: { name: form.name.trim(), source, ...configuration }, issues: null }
}

const sameSource = (a: Source, b: Source): boolean => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b))
const sorted = (value: unknown): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(
        Object.entries(value)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([key, each]) => [key, sorted(each)]),
      )
    : value

/** The request that changes the service; an unchanged source is left out, so that nothing is built. */
export const readUpdate = (form: ServiceForm, service: Service): Read<UpdateService> => {
  const issues = textIssues(form, service)
  // A folder comes from somewhere else, and may have come since the form was opened.
  const chosen = form.door === "folder" ? service.source : sourceOf(form)
  const configuration = configurationOf(form, service)
  if (issues.length > 0 || chosen === null || configuration === null) return { issues }
  const source = withOverrides(chosen, form, service.source)
  return {
    request: { ...(sameSource(source, service.source) ? {} : { source }), ...configuration },
    issues: null,
  }
}
