import type { Template } from "@skypanel/contract/Template"
import { call, client } from "./client.ts"

export const readTemplates = (signal?: AbortSignal): Promise<readonly Template[]> =>
  call(client.templates.list(), signal)

/**
 * A template's icon for an `<img>`: a picture in an image element runs no script and loads nothing, whatever the
 * document says.
 */
export const iconUrl = (template: Pick<Template, "icon">): string =>
  `data:image/svg+xml;charset=utf-8,${encodeURIComponent(template.icon)}`
