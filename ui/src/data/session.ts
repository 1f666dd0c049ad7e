import type { Session } from "@skypanel/contract/Session"
import { call, client } from "./client.ts"
import { Problem, unreachable } from "./problem.ts"

export const readSession = (signal?: AbortSignal): Promise<Session> => call(client.session.get(), signal)

const post = async (path: string, body: unknown): Promise<Response> => {
  try {
    return await fetch(`/api/auth/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    })
  } catch {
    throw unreachable
  }
}

/** Rejects with a `Problem`: wrong password, too many attempts, or nobody answers. */
export const signIn = async (email: string, password: string): Promise<void> => {
  const response = await post("sign-in/email", { email, password })
  if (response.ok) return
  if (response.status === 429)
    throw new Problem("NotPossibleNow", "Too many attempts.", "Wait a minute, then try again.")
  if (response.status >= 500)
    throw new Problem("Unavailable", "Signing in does not work right now.", "Try again in a moment.")
  throw new Problem("Unauthorized", "The e-mail or the password is wrong.", "Check both and try again.")
}

export const signOut = async (): Promise<void> => {
  await post("sign-out", {})
}
