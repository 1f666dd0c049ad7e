import type { MailMessage } from "../mail/Mail.ts"

export interface MailContent {
  /** Of the notification: what the Message-ID is made of. */
  readonly id: string
  readonly title: string
  readonly body: string
  /** The name of the worker that it is about. */
  readonly worker: string | null
  /** Where on the page is more. */
  readonly path: string | null
}

const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
}
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character]!)

const link = (url: string): string => `<a href="${escaped(url)}">${escaped(url)}</a>`

const paragraph = (html: string): string => `<p style="white-space: pre-line">${html}</p>`

/** The e-mail of a notification, as text and as simple HTML. `publicUrl` is where the page is. */
export const emailOf = (content: MailContent, to: string, publicUrl: string): MailMessage => {
  const { id, title, body, worker, path } = content
  const page = new URL(publicUrl)
  const workerUrl = worker === null ? null : new URL(`/workers/${encodeURIComponent(worker)}`, page).href
  const moreUrl = path === null ? null : new URL(path, page).href
  const why = "You get this from SkyPanel. Choose what you are sent:"
  const choiceUrl = new URL("/notifications", page).href
  const text = [
    title,
    ...(body === "" ? [] : [body]),
    ...(workerUrl === null ? [] : [`Worker ${worker}: ${workerUrl}`]),
    ...(moreUrl === null ? [] : [`More: ${moreUrl}`]),
    `-- \n${why}\n${choiceUrl}`,
  ]
  const html = [
    paragraph(`<strong>${escaped(title)}</strong>`),
    ...(body === "" ? [] : [paragraph(escaped(body))]),
    ...(workerUrl === null ? [] : [paragraph(`Worker ${escaped(worker ?? "")}: ${link(workerUrl)}`)]),
    ...(moreUrl === null ? [] : [paragraph(`More: ${link(moreUrl)}`)]),
    `<p style="color: #666; font-size: 0.85em">${escaped(why)} ${link(choiceUrl)}</p>`,
  ]
  return {
    to,
    subject: `[SkyPanel] ${title}`,
    text: `${text.join("\n\n")}\n`,
    html: `<!doctype html><html lang="en"><body style="font-family: sans-serif">${html.join("\n")}</body></html>`,
    messageId: `${id}@${page.hostname}`,
  }
}
