import { Api } from "@skypanel/contract/Api"
import { NotFound } from "@skypanel/contract/Errors"
import type { PreparedCredential } from "@skypanel/contract/PreparedCredential"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { FakePlatform } from "./FakePlatform.ts"
import { fakeId } from "./ids.ts"
import { run } from "./streams.ts"

const notYet = {
  code: "credential-refused",
  title: "git.example.org does not take the service's deploy key.",
  detail: "",
  next: "Add the public half to the repository as a deploy key.",
} as const

/** The first try of each is refused, as if its key was not there yet. */
export const preparedCredentialsHandlers = (platform: FakePlatform) => {
  const { prepared } = platform
  const find = (id: PreparedCredential["id"]): PreparedCredential => {
    const credential = prepared.get(id)
    if (credential === undefined) throw new NotFound({ message: "It is not there any more.", next: "" })
    return credential
  }
  const put = (credential: PreparedCredential): PreparedCredential => {
    prepared.set(credential.id, credential)
    return credential
  }
  return HttpApiBuilder.group(Api, "preparedCredentials", (handlers) =>
    Effect.succeed(
      handlers.handleAll({
        prepare: ({ payload: { url, token, username = "git" } }) =>
          run(platform, () =>
            put({
              id: fakeId("crd") as PreparedCredential["id"],
              url,
              kind: token === undefined ? "deploy-key" : "token",
              origin: token === undefined ? "ssh://git.example.org" : "https://git.example.org",
              username: token === undefined ? null : username,
              publicKey:
                token === undefined
                  ? "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPreparedFake skypanel-acme"
                  : null,
              expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
              state: "untried",
              failure: null,
            }),
          ),
        try: ({ params }) =>
          run(platform, () => {
            const credential = find(params.credential)
            return put(
              credential.state === "untried"
                ? { ...credential, state: "refused", failure: notYet }
                : { ...credential, state: "opens", failure: null },
            )
          }),
        get: ({ params }) => run(platform, () => find(params.credential)),
        discard: ({ params }) => run(platform, () => void prepared.delete(find(params.credential).id)),
      }),
    ),
  )
}
