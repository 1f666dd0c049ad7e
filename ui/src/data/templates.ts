import type { Started } from "@skypanel/contract/api/shapes"
import {
  AddTemplate,
  type ServiceTemplate,
  type Template,
  type TemplateDifference,
  type TemplateHistory,
  UpdateToVersion,
} from "@skypanel/contract/Template"
import type { VersionOrder } from "../domain/versionOrders.ts"
import { checked } from "./checked.ts"
import { call, client } from "./client.ts"

export const readTemplates = (organization: string, signal?: AbortSignal): Promise<readonly Template[]> =>
  call(client.templates.list({ params: { organization } }), signal)

export const readTemplate = (
  organization: string,
  template: string,
  signal?: AbortSignal,
): Promise<TemplateHistory> => call(client.templates.get({ params: { organization, template } }), signal)

/** Those that one may change, with their drafts. */
export const readManagedTemplates = (
  organization: string,
  signal?: AbortSignal,
): Promise<readonly TemplateHistory[]> => call(client.templates.manage({ params: { organization } }), signal)

export const addTemplate = async (organization: string, request: unknown): Promise<TemplateHistory> => {
  const payload = checked(AddTemplate, request)
  return call(client.templates.add({ params: { organization }, payload }))
}

export interface OfTemplate {
  readonly organization: string
  readonly template: string
}

export const orderVersion = (
  of: OfTemplate,
  number: number,
  order: VersionOrder,
): Promise<TemplateHistory> => {
  const request = { params: { ...of, number } }
  switch (order) {
    case "validate":
      return call(client.templates.validate(request))
    case "publish":
      return call(client.templates.publish(request))
    case "withdraw":
      return call(client.templates.withdraw(request))
  }
}

export const removeTemplate = (of: OfTemplate): Promise<void> => call(client.templates.remove({ params: of }))

export const compareVersions = (
  of: OfTemplate,
  before: number,
  after: number,
  signal?: AbortSignal,
): Promise<TemplateDifference> => call(client.templates.compare({ params: { ...of, before, after } }), signal)

export const readTemplateOfService = (
  organization: string,
  service: string,
  signal?: AbortSignal,
): Promise<ServiceTemplate | null> =>
  call(client.templates.ofService({ params: { organization, service } }), signal)

export const updateToVersion = async (
  organization: string,
  service: string,
  request: UpdateToVersion,
): Promise<Started> => {
  const payload = checked(UpdateToVersion, request)
  return call(client.templates.update({ params: { organization, service }, payload }))
}

const noIcon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><rect x="6" y="6" width="36" height="36" rx="8" fill="#7b8794"/><path d="M16 18h16M16 24h16M16 30h10" stroke="#fff" stroke-width="3" stroke-linecap="round"/></svg>'

/**
 * A template's icon for an `<img>`: a picture in an image element runs no script and loads nothing, whatever the
 * document says.
 */
export const iconUrl = (template: Pick<Template, "icon">): string =>
  `data:image/svg+xml;charset=utf-8,${encodeURIComponent(template.icon === "" ? noIcon : template.icon)}`
