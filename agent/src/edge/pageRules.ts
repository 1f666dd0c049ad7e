import { files } from "./files.ts"

/** The header by which an answer of a proxy itself is told from one of an application. */
export const markHeader = "x-skypanel-edge"

/** Answers with a page, as the visitor likes it. `when`: the condition; by itself: no instance, for that reason. */
export const page = (status: number, name: string, more = "", when = `{ var(txn.set) -m str ${name} }`) => {
  const answer = (type: string, suffix: string) =>
    `http-request return status ${status} content-type "${type}; charset=utf-8" file ${files.pages}/${name}.${suffix} hdr ${markHeader} ${name} hdr cache-control no-store${more}`
  return [
    `  ${answer("text/html", "html")} if ${when} { req.hdr(accept) -m sub text/html }`,
    `  ${answer("text/plain", "txt")} if ${when}`,
  ]
}

const failureOf = (status: number, name: string) =>
  `status ${status} content-type "text/html; charset=utf-8" file ${files.pages}/${name}.html hdr ${markHeader} ${name} hdr retry-after 2 hdr cache-control no-store`

/** Where HAProxy would answer with an error of its own. */
export const failure = (status: number, name: string) => `  http-error ${failureOf(status, name)}`

/** In place of what was answered. */
export const failureInstead = (status: number, name: string, when: string) =>
  `  http-response return ${failureOf(status, name)} if ${when}`
