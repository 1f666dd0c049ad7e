import type { ImageAction } from "@skypanel/contract/ImageCheck"

/** What is known of a service when the tag of its image is known to lead to a digest. */
export interface Standing {
  readonly action: ImageAction
  readonly digest: string
  /** The digest that serves. */
  readonly serves: string | null
  /** Of its deployments that build, the newest. */
  readonly newest: { readonly revision: string | null; readonly finished: boolean } | null
  /** A deployment was made for exactly this digest, whatever became of it. */
  readonly deployed: boolean
}

/** `wait`: the deployment under way may be of it. */
export type Deed = "wait" | "nothing" | "tell" | "deploy"

/** What the service's policy wants done. A deployment that failed is not made again; who was told, is for the teller. */
export const deedOf = ({ action, digest, serves, newest, deployed }: Standing): Deed => {
  if (newest !== null && newest.revision === null && !newest.finished) return "wait"
  if (digest === serves || digest === newest?.revision) return "nothing"
  if (action === "notify") return serves === null ? "nothing" : "tell"
  return action === "deploy" && !deployed ? "deploy" : "nothing"
}
