import { type Check, checkWaitMost, type StartCheck } from "@skypanel/contract/Check"
import { call, client } from "./client.ts"

/** Checks it on a builder, and answers when that has ended. */
export const checkSource = async (
  organization: string,
  payload: StartCheck,
  signal: AbortSignal,
): Promise<Check> => {
  let check = await call(client.checks.start({ params: { organization }, payload }), signal)
  while (check.state !== "done")
    check = await call(
      client.checks.get({ params: { organization, check: check.id }, query: { wait: checkWaitMost } }),
      signal,
    )
  return check
}
