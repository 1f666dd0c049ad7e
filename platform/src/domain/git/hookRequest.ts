import { createHash, createHmac, timingSafeEqual } from "node:crypto"
import type { HookProvider } from "@skypanel/contract/Repository"

/** Gives a header of a request by its name in lower case; empty where there is none. */
export type Headers = (name: string) => string

/** Gitea and Forgejo send GitHub's headers as well. */
export const providerOf = (header: Headers): HookProvider => {
  if (header("x-gitea-event") !== "" || header("x-forgejo-event") !== "") return "gitea"
  if (header("x-github-event") !== "") return "github"
  return header("x-gitlab-event") === "" ? "generic" : "gitlab"
}

export const eventOf = (provider: HookProvider, header: Headers): string => {
  switch (provider) {
    case "gitea":
      return header("x-gitea-event") || header("x-forgejo-event")
    case "github":
      return header("x-github-event")
    case "gitlab":
      return header("x-gitlab-event")
    case "generic":
      return header("x-skypanel-event") || "push"
  }
}

const digest = (text: string | Uint8Array) => createHash("sha256").update(text)

/** Takes as long whatever the difference is. */
const isSame = (a: string, b: string): boolean =>
  timingSafeEqual(digest(a).digest(), digest(b).digest()) && a !== ""

/**
 * Does the request come from who knows the secret? All but GitLab sign the body with it; GitLab sends the secret
 * itself.
 */
export const isSigned = (
  provider: HookProvider,
  secret: string,
  header: Headers,
  body: Uint8Array,
): boolean => {
  const signature = createHmac("sha256", secret).update(body).digest("hex")
  switch (provider) {
    case "github":
      return isSame(header("x-hub-signature-256"), `sha256=${signature}`)
    case "gitea":
      return isSame(header("x-gitea-signature") || header("x-forgejo-signature"), signature)
    case "gitlab":
      return isSame(header("x-gitlab-token"), secret)
    case "generic":
      return isSame(header("x-skypanel-signature"), `sha256=${signature}`)
  }
}

export interface DeliveryNames {
  /** What the sender calls it; what is in the header is not signed. */
  readonly delivery: string
  /** What it is: the same body is never taken twice, whatever it is called. */
  readonly digest: string
}

export const namesOf = (provider: HookProvider, header: Headers, body: Uint8Array): DeliveryNames => {
  const said = {
    github: header("x-github-delivery"),
    gitea: header("x-gitea-delivery") || header("x-forgejo-delivery"),
    gitlab: header("x-gitlab-event-uuid"),
    generic: header("x-skypanel-delivery"),
  }[provider]
  const own = digest(body).digest("hex")
  return { digest: own, delivery: said === "" ? own : said.slice(0, 200) }
}

/** GitHub and Gitea send JSON, or a form with JSON in its field `payload`. Null: neither. */
export const readPayload = (contentType: string, body: Uint8Array): unknown => {
  const text = Buffer.from(body).toString("utf8")
  const isForm = contentType.startsWith("application/x-www-form-urlencoded")
  try {
    return JSON.parse(isForm ? (new URLSearchParams(text).get("payload") ?? "") : text)
  } catch {
    return null
  }
}
