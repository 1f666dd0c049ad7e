import {
  credentialWaitMost,
  PrepareCredential,
  type PreparedCredential,
} from "@skypanel/contract/PreparedCredential"
import { checked } from "./checked.ts"
import { call, client } from "./client.ts"

export const prepareCredential = async (
  organization: string,
  given: PrepareCredential,
): Promise<PreparedCredential> => {
  const payload = checked(PrepareCredential, given)
  return call(client.preparedCredentials.prepare({ params: { organization }, payload }))
}

/** Has the repository's host asked, and answers when it has. */
export const tryCredential = async (
  organization: string,
  credential: PreparedCredential["id"],
  signal: AbortSignal,
): Promise<PreparedCredential> => {
  const params = { organization, credential }
  let now = await call(client.preparedCredentials.try({ params }), signal)
  while (now.state === "trying")
    now = await call(client.preparedCredentials.get({ params, query: { wait: credentialWaitMost } }), signal)
  return now
}

/** Nobody waits for it: it would be gone after a day. */
export const discardCredential = (organization: string, credential: PreparedCredential["id"]): void =>
  void call(client.preparedCredentials.discard({ params: { organization, credential } })).catch(
    () => undefined,
  )
