import { files } from "./files.ts"

/** The header by which an answer of a proxy itself is told from one of an application. */
export const markHeader = "x-skypanel-edge"

/** Ends the search for an instance: there is a page instead. `name`: a sample that gives the page's name. */
export const pageInstead = (name: string, when: string) => [
  `  http-request set-var(txn.page) ${name} if ${when}`,
  "  http-request allow if { var(txn.page) -m found }",
]

/** A page of this name, as the visitor likes it. */
const page = (status: number, name: string, more = "") => {
  const answer = (type: string, suffix: string) =>
    `http-request return status ${status} content-type "${type}; charset=utf-8" file ${files.pages}/${name}.${suffix} hdr ${markHeader} ${name} hdr cache-control no-store${more} if { var(txn.page) -m str ${name} }`
  return [
    `  ${answer("text/html", "html")} { req.hdr(accept) -m sub text/html }`,
    `  ${answer("text/plain", "txt")}`,
  ]
}

const soon = " hdr retry-after 2"

/** Answers requests that have no instance to go to. */
export const pagesBackend = [
  "backend pages",
  ...page(404, "unknown"),
  ...page(503, "stopped"),
  ...page(503, "waiting", soon),
  ...page(503, "busy", soon),
  ...page(503, "failed", soon),
]

const failureOf = (status: number, name: string) =>
  `status ${status} content-type "text/html; charset=utf-8" file ${files.pages}/${name}.html hdr ${markHeader} ${name} hdr cache-control no-store${soon}`

/** Where HAProxy would answer with an error of its own. */
export const failure = (status: number, name: string) => `  http-error ${failureOf(status, name)}`

/** In place of what was answered. */
export const failureInstead = (status: number, name: string, when: string) =>
  `  http-response return ${failureOf(status, name)} if ${when}`
