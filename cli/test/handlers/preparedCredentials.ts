import { Api } from "@skypanel/contract/Api"
import { NotFound } from "@skypanel/contract/Errors"
import type { PreparedCredential } from "@skypanel/contract/PreparedCredential"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { FakeState } from "../FakeState.ts"
import { instant } from "../fakeRows.ts"

const refused = {
  code: "credential-refused",
  title: "git.example.com does not take the service's access token.",
  detail: "",
  next: "Give it another token.",
} as const

export const preparedCredentialsHandlers = (state: FakeState) => {
  const put = (credential: PreparedCredential) => {
    state.prepared.set(credential.id, credential)
    return credential
  }
  const found = (id: string) => {
    const credential = state.prepared.get(id)
    return credential === undefined
      ? Effect.fail(new NotFound({ message: "It is not there.", next: "" }))
      : Effect.succeed(credential)
  }
  return HttpApiBuilder.group(Api, "preparedCredentials", (handlers) =>
    Effect.succeed(
      handlers.handleAll({
        prepare: ({ payload }) => {
          state.requests.push(`prepare ${JSON.stringify(payload)}`)
          const { url, token, username = "git" } = payload
          return Effect.succeed(
            put({
              id: "crd_000000000000000000000001" as PreparedCredential["id"],
              url,
              kind: token === undefined ? "deploy-key" : "token",
              origin: "https://git.example.com",
              username: token === undefined ? null : username,
              publicKey: token === undefined ? "ssh-ed25519 AAAA skypanel-acme" : null,
              expiresAt: instant(),
              state: "untried",
              failure: null,
            }),
          )
        },
        get: ({ params }) =>
          Effect.map(found(params.credential), (credential) =>
            put(
              state.refusesCredentials
                ? { ...credential, state: "refused", failure: refused }
                : { ...credential, state: "opens", failure: null },
            ),
          ),
        try: ({ params }) =>
          Effect.map(found(params.credential), (credential) => put({ ...credential, state: "trying" })),
        discard: ({ params }) =>
          Effect.map(found(params.credential), ({ id }) => void state.prepared.delete(id)),
      }),
    ),
  )
}
