/** An e-mail that was not taken: `deferred` by a server that answered, or the server was `unavailable`. */
export interface Undelivered {
  readonly reason: "deferred" | "unavailable"
  /** How often a server deferred it, this time included. */
  readonly deferrals: number
  /** Since the notification was written. */
  readonly ageSeconds: number
}

const minute = 60
const hour = 60 * minute
const deferralsMost = 8
export const mailAgeMostHours = 24

/**
 * In how many seconds an e-mail is tried again; null: it is given up. A server that defers is asked after 1, 2, 4 … 60
 * minutes, eight times. One that cannot be used, down or set up wrongly, costs no message one of its tries: it is tried
 * again after as long as it has waited, between a minute and an hour. After a day every message is given up.
 */
export const nextMailTry = ({ reason, deferrals, ageSeconds }: Undelivered): number | null => {
  if (ageSeconds >= mailAgeMostHours * hour) return null
  if (reason === "unavailable") return Math.min(Math.max(ageSeconds, minute), hour)
  return deferrals >= deferralsMost ? null : Math.min(minute * 2 ** (deferrals - 1), hour)
}
