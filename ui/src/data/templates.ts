import type { Template, TemplateHistory } from "@skypanel/contract/Template"
import { call, client } from "./client.ts"

export const readTemplates = (organization: string, signal?: AbortSignal): Promise<readonly Template[]> =>
  call(client.templates.list({ params: { organization } }), signal)

export const readTemplate = (
  organization: string,
  template: string,
  signal?: AbortSignal,
): Promise<TemplateHistory> => call(client.templates.get({ params: { organization, template } }), signal)

const noIcon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><rect x="6" y="6" width="36" height="36" rx="8" fill="#7b8794"/><path d="M16 18h16M16 24h16M16 30h10" stroke="#fff" stroke-width="3" stroke-linecap="round"/></svg>'

/**
 * A template's icon for an `<img>`: a picture in an image element runs no script and loads nothing, whatever the
 * document says.
 */
export const iconUrl = (template: Pick<Template, "icon">): string =>
  `data:image/svg+xml;charset=utf-8,${encodeURIComponent(template.icon === "" ? noIcon : template.icon)}`
