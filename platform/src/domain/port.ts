import type { ServicePort } from "@skypanel/contract/Service"

/** What a service listens on where neither its creator nor its source says it. */
export const defaultPort = 8080

/** Where a service is asked, and what. */
export interface Reached {
  readonly port: ServicePort
  readonly healthPath: string | null
}

/** A wish over what there was. Taking the port away takes the health path of before along: it is asked on the port. */
export const reachedBy = (wish: Partial<Reached>, before: Reached): Reached => {
  const port = wish.port === undefined ? before.port : wish.port
  const kept = port === null ? null : before.healthPath
  return { port, healthPath: wish.healthPath === undefined ? kept : wish.healthPath }
}

/** Of two that do not go together, what is wrong; null: they do. */
export const whyNotReached = ({ port, healthPath }: Reached): string | null =>
  port === null && healthPath !== null ? "a service without a port has no health path" : null
