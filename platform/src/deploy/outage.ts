import { Schedule } from "effect"
import { SqlError } from "effect/sql"
import { DeploymentFailed } from "./DeploymentFailed.ts"

/** A step may wait long, but what it calls may fail only for a while: the database and Docker get two minutes. */
export const outage = Schedule.min([
  Schedule.exponential("100 millis", 1.5),
  Schedule.spaced("5 seconds"),
]).pipe(Schedule.upTo({ duration: "2 minutes" }))

/** A connection that is lost comes back; a query that is wrong stays wrong. */
export const passes = (error: unknown): boolean => {
  if (error instanceof DeploymentFailed) return false
  return SqlError.isSqlError(error) ? error.reason.isRetryable : true
}
